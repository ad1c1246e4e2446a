using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Readers;
using GridServices.Wire;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Intervals;

/// <summary>
/// The records of a NEM12 or NEM13 file in their order: 100 head, 200 data stream, 300 a day of intervals, 400 qualities of parts of the day, 250 two readings of a
/// register, 900 end; 500 and 550 are for the market only. Times are those of the market, UTC+10 all year, whatever the zone of the site.
/// </summary>
internal sealed class NemRecords(IntervalOptions options)
{
    private const int MostTold = 99;
    private static readonly Offset MarketTime = Offset.FromHours(10);
    private static readonly LocalDatePattern Day = LocalDatePattern.CreateWithInvariantCulture("uuuuMMdd");
    private static readonly LocalDateTimePattern Moment = LocalDateTimePattern.CreateWithInvariantCulture("uuuuMMddHHmmss");
    private readonly Dictionary<string, NemStream> streams = new(StringComparer.OrdinalIgnoreCase);
    private readonly SortedSet<string> unread = new(StringComparer.Ordinal);
    private readonly ImmutableArray<ReadError>.Builder refused = ImmutableArray.CreateBuilder<ReadError>();
    private NemStream? stream;
    private NemDay? day;
    private MeterFileForm form;
    private int more;
    private bool isClosed;

    /// <summary>The last 200 record was told, so its days are left out.</summary>
    private bool isSkipping;

    public ImmutableArray<ReadError> Refusals => more == 0 ? refused.ToImmutable() : [.. refused, new ReadError(ErrorClass.Malformed, "rows", $"{more} more records cannot be read")];

    public void AddRecord(List<string> fields, int line)
    {
        if (fields[0] != "400")
        {
            ReadOrRefuse(EndDay);
        }

        ReadOrRefuse(() => Record(fields, line));
    }

    public ReadResult<NemFile> Close(int lines)
    {
        ReadOrRefuse(EndDay);
        var findings = ImmutableArray.CreateBuilder<Finding>();
        if (!isClosed)
        {
            findings.Add(new Finding(ErrorClass.Malformed, $"line {lines}", "the file has no 900 record: it may be cut off"));
        }

        if (unread.Count > 0)
        {
            findings.Add(new Finding(ErrorClass.SemanticCode, "rows",
                $"data streams that are not read: {string.Join(", ", unread)}; E (drawn from the network), B (fed into it) and Q (reactive) are"));
        }

        if (form == MeterFileForm.Nem13)
        {
            findings.Add(new Finding(ErrorClass.DataGap, "rows", "NEM13 tells the energy between two readings, not when it was used: it is spread evenly, and all intervals are estimates"));
        }

        var readings = ImmutableArray.CreateBuilder<NemReading>();
        foreach (var (id, held) in streams.Where(s => !s.Value.IsEmpty))
        {
            var series = held.Series();
            findings.AddRange(series.Warnings.Select(w => w with { Path = $"{id} {w.Path}" }));
            refused.AddRange(series.Refusals.Select(r => r with { Path = $"{id} {r.Path}" }));
            if (series.Ok)
            {
                readings.Add(new NemReading(id, held.Channel, held.Reactive, series.Value!));
            }
        }

        if (refused.Count == 0 && readings.Count == 0)
        {
            refused.Add(new ReadError(ErrorClass.SemanticEmpty, "rows", "the file has no intervals that are read"));
        }

        return new ReadResult<NemFile>(refused.Count == 0 ? new NemFile(form, readings.ToImmutable()) : null, Refusals, findings.ToImmutable());
    }

    private void Record(List<string> fields, int line)
    {
        switch (fields[0])
        {
            case "100":
                form = fields.Count > 1 && fields[1] == "NEM13" ? MeterFileForm.Nem13 : MeterFileForm.Nem12;
                break;
            case "200" when form == MeterFileForm.Nem12:
                Stream(fields, line);
                break;
            case "300" when form == MeterFileForm.Nem12:
                Intervals(fields, line);
                break;
            case "400" when form == MeterFileForm.Nem12:
                Qualities(fields, line);
                break;
            case "250" when form == MeterFileForm.Nem13:
                Readings(fields, line);
                break;
            case "500" or "550":
                break;
            case "900":
                isClosed = true;
                break;
            default:
                throw CsvLines.Refused(ErrorClass.Malformed,
                    $"'{SafeText.Short(fields[0])}' is no record of a {(form == MeterFileForm.Nem13 ? "NEM13 file: 100, 250, 550, 900" : "NEM12 file: 100, 200, 300, 400, 500, 900")}", line);
        }
    }

    private void ReadOrRefuse(Action read)
    {
        try
        {
            read();
        }
        catch (IntervalRefusedException e)
        {
            if (refused.Count < MostTold)
            {
                refused.Add(e.Refusal);
            }
            else
            {
                more++;
            }
        }
    }

    private void EndDay()
    {
        var pending = day;
        day = null;
        pending?.AddTo(stream!);
    }

    private void Stream(List<string> fields, int line)
    {
        (stream, isSkipping) = (null, true);
        Require(fields, 9, line, "a 200 record names NMI, configuration, register, suffix, stream, serial number, unit and interval length");
        var id = $"{fields[1]}/{fields[4]}";
        if (!int.TryParse(fields[8], NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) || minutes is < 1 or > 60 || 60 % minutes != 0)
        {
            throw At(line, 9, ErrorClass.SemanticDuration, $"the interval length '{SafeText.Short(fields[8])}' is not read; 5, 15 and 30 minutes are usual");
        }

        if (NemStream.Create(fields[4], fields[7], minutes, options) is not { } opened)
        {
            unread.Add($"{SafeText.Short(id)} ({SafeText.Short(fields[7])})");
            return;
        }

        var held = stream = streams.TryGetValue(id, out var known) ? known : streams[id] = opened;
        if (held.Minutes != minutes || held.Unit != opened.Unit)
        {
            stream = null;
            throw At(line, 9, ErrorClass.DataOverlap, $"{SafeText.Short(id)} has intervals of {held.Minutes} min and of {minutes} min; give a file for each length");
        }
    }

    private void Intervals(List<string> fields, int line)
    {
        if (stream is null)
        {
            if (!isSkipping)
            {
                throw CsvLines.Refused(ErrorClass.Malformed, "the 300 record stands before any 200 record", line);
            }

            return;
        }

        var count = 1440 / stream.Minutes;
        Require(fields, count + 3, line, $"a 300 record has its date, {count} values of {stream.Minutes} min and their quality");
        if (Day.Parse(fields[1]) is not { Success: true } date)
        {
            throw At(line, 2, ErrorClass.SemanticTime, $"'{SafeText.Short(fields[1])}' is no date like 20260131");
        }

        day = new NemDay(date.Value.At(LocalTime.Midnight).WithOffset(MarketTime).ToInstant(), line, fields.GetRange(2, count), fields[count + 2]);
    }

    private void Qualities(List<string> fields, int line)
    {
        if (day is null)
        {
            return;
        }

        Require(fields, 4, line, "a 400 record has its first and last interval and their quality");
        day.Qualify(fields[1], fields[2], fields[3], line);
    }

    private void Readings(List<string> fields, int line)
    {
        Require(fields, 20, line, "a 250 record has both readings with their times, and the quantity with its unit");
        var id = $"{fields[1]}/{fields[4]}";
        if (NemStream.CreateRegister(fields[7], fields[19], options) is not { } opened)
        {
            unread.Add($"{SafeText.Short(id)} ({SafeText.Short(fields[7])}, {SafeText.Short(fields[19])})");
            return;
        }

        var (from, until) = (Time(fields[9], line, 10), Time(fields[14], line, 15));
        if (until <= from || until - from > Duration.FromDays(800))
        {
            throw At(line, 15, ErrorClass.SemanticTime, "the current reading is not after the previous one (by at most 800 days)");
        }

        if (!ExactDecimal.TryParse(fields[18], out var quantity) || quantity < 0)
        {
            throw At(line, 19, ErrorClass.SemanticNumber, $"the quantity '{SafeText.Short(fields[18])}' is no energy");
        }

        (streams.TryGetValue(id, out var held) ? held : streams[id] = opened).Spread(from, until, quantity, line);
    }

    private static Instant Time(string text, int line, int column) => Moment.Parse(text) is { Success: true } moment
        ? moment.Value.WithOffset(MarketTime).ToInstant()
        : throw At(line, column, ErrorClass.SemanticTime, $"'{SafeText.Short(text)}' is no time like 20260131000000");

    private static void Require(List<string> fields, int count, int line, string what)
    {
        if (fields.Count < count)
        {
            throw CsvLines.Refused(ErrorClass.Malformed, $"{fields.Count} fields; {what}, {count} fields at least", line);
        }
    }

    internal static IntervalRefusedException At(int line, int column, ErrorClass error, string detail) => new(new ReadError(error, $"line {line}, column {column}", detail));
}
