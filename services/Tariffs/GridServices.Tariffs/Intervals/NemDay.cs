using System.Globalization;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using NodaTime;

namespace GridServices.Tariffs.Intervals;

/// <summary>A 300 record that waits for the qualities of its parts.</summary>
/// <param name="start">Midnight of the market.</param>
/// <param name="line">Of the 300 record.</param>
/// <param name="values">As they stand in the file.</param>
/// <param name="quality">Of the whole day; V = the 400 records that follow say it of parts.</param>
internal sealed class NemDay(Instant start, int line, List<string> values, string quality)
{
    private readonly string?[] parts = new string?[values.Count];

    public void Qualify(string from, string until, string code, int at)
    {
        if (!int.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            || !int.TryParse(until, NumberStyles.None, CultureInfo.InvariantCulture, out var last) || first < 1 || last < first || last > values.Count)
        {
            throw NemRecords.At(at, 2, ErrorClass.SemanticNumber, $"{SafeText.Short(from)} to {SafeText.Short(until)} are no intervals of the day, 1 to {values.Count}");
        }

        parts.AsSpan(first - 1, last - first + 1).Fill(code);
    }

    /// <exception cref="IntervalRefusedException">A value or quality cannot be read.</exception>
    public void AddTo(NemStream stream)
    {
        for (var i = 0; i < values.Count; i++)
        {
            var (estimated, missing) = Meaning(parts[i] ?? quality, i);
            if (missing)
            {
                stream.Add(new IntervalRow(line, start + Duration.FromMinutes((long)stream.Minutes * i), 0, Missing: true));
                continue;
            }

            if (!ExactDecimal.TryParse(values[i], out var value) || value < 0)
            {
                throw NemRecords.At(line, i + 3, ErrorClass.SemanticNumber, $"'{SafeText.Short(values[i])}' is no amount of an interval; one without a reading has quality N");
            }

            stream.Add(new IntervalRow(line, start + Duration.FromMinutes((long)stream.Minutes * i), value * stream.Factor, estimated));
        }
    }

    /// <summary>A actual; E estimated, S and F substituted; N no reading. The two digits behind say by which method.</summary>
    private (bool Estimated, bool Missing) Meaning(string code, int interval) => code.Length == 0 ? throw Unknown(code, interval) : code[0] switch
    {
        'A' => (false, false),
        'E' or 'S' or 'F' => (true, false),
        'N' => (false, true),
        'V' => throw NemRecords.At(line, values.Count + 3, ErrorClass.SemanticCode, $"the day's quality is V, but no 400 record speaks of interval {interval + 1}"),
        _ => throw Unknown(code, interval),
    };

    private IntervalRefusedException Unknown(string code, int interval) =>
        NemRecords.At(line, values.Count + 3, ErrorClass.SemanticCode, $"the quality '{SafeText.Short(code)}' of interval {interval + 1} is not known; A, E, F, N, S and V are");
}
