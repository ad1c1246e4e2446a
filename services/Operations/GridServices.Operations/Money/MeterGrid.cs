using System.Text.Json;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Operations;

/// <summary>Meter intervals as one even series; a gap is a missing reading and never 0, and an estimate is told as one.</summary>
internal sealed record MeterGrid(Instant Start, int Minutes, decimal?[] Kwh, bool[] Estimated)
{
    private const int MostIntervals = 1_000_000;

    public static MeterGrid? From(IReadOnlyList<MeterInterval> meter, List<string> problems)
    {
        if (meter.Count == 0)
        {
            problems.Add("the meter has no intervals: import them first");
            return null;
        }

        var (start, end) = (meter.Min(m => m.From), meter.Max(m => m.Until));
        var length = meter[0].Until - meter[0].From;
        var minutes = length.TotalMinutes % 1 == 0 ? (int)length.TotalMinutes : 0;
        if (minutes < 1 || 1440 % minutes != 0 || meter.Any(m => m.Until - m.From != length || (m.From - start).TotalMinutes % minutes != 0) || (end - start) / length > MostIntervals || meter.Select(m => m.From).Distinct().Count() < meter.Count)
        {
            problems.Add("the meter's intervals are not of one length, overlap, or are beside one another's grid: import them anew");
            return null;
        }

        var kwh = new decimal?[(int)((end - start) / length)];
        var estimated = new bool[kwh.Length];
        foreach (var m in meter)
        {
            var at = (int)((m.From - start) / length);
            (kwh[at], estimated[at]) = (m.Kwh, m.IsEstimate && m.Kwh is not null);
        }

        return new MeterGrid(start, minutes, kwh, estimated);
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("intervals");
        json.WriteString("start", TimeText.Format(Start));
        json.WriteNumber("minutes", Minutes);
        json.WriteStartArray("kWh");
        foreach (var value in Kwh)
        {
            if (value is { } kwh)
            {
                json.WriteNumberValue(kwh);
            }
            else
            {
                json.WriteNullValue();
            }
        }

        json.WriteEndArray();
        EstimatedIntervals.Write(json, Estimated);
        json.WriteEndObject();
    }
}
