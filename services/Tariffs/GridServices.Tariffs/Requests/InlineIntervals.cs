using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Requests;

/// <summary>
/// Intervals inside a request: <c>start</c>, <c>minutes</c> and <c>kW</c> or <c>kWh</c>, one number each, and in <c>estimated</c> which of them nobody
/// measured; or a whole file as text under <c>csv</c> or <c>greenButton</c>, beside it what the file does not say about itself.
/// </summary>
internal sealed class InlineIntervals(DateTimeZone zone, ReadProblems problems)
{
    private static readonly string[] BesidePower = ["exportKW", "generationKW", "kvar"];
    private static readonly string[] BesideEnergy = ["exportKwh", "generationKwh", "kvarh"];
    private const int UndatedYear = 2018;
    private static readonly string[] Ways = ["csv", "greenButton", "kW", "kWh"];

    /// <summary>Where intervals without a start begin; absent = nobody said, and it is told.</summary>
    public int? Year { get; init; }

    public MeterData? Read(JsonMember intervals)
    {
        if (!intervals.IsObject)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, intervals.Pointer, "intervals are an object, e.g. {\"start\":\"2026-01-01\",\"minutes\":15,\"kW\":[…]}");
            return null;
        }

        if (Ways.Where(w => intervals.Member(w) is not null).ToArray() is { Length: > 1 } several)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, intervals.Pointer, $"{string.Join(" and ", several)} stand here; only one of them can be the data");
            return null;
        }

        Unused(intervals);
        if (intervals.Member("csv") is { } csv)
        {
            return Unwrap(MeterFile.Read(Encoding.UTF8.GetBytes(csv.Text()), isXml: false, Options(intervals), intervals.Member("reading")?.Text()), csv);
        }

        if (intervals.Member("greenButton") is { } feed)
        {
            return Unwrap(MeterFile.Read(Encoding.UTF8.GetBytes(feed.Text()), isXml: true, Options(intervals), intervals.Member("reading")?.Text()), feed);
        }

        return Numbers(intervals);
    }

    /// <summary>A further series that lies on the grid of one already read.</summary>
    public IntervalSeries? OnGrid(JsonMember holder, IntervalSeries grid)
    {
        var step = Duration.FromSeconds(grid.StepSeconds);
        if (holder.Member("kW") is not null && holder.Member("kWh") is not null)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, holder.Pointer, "kW and kWh stand here; only one of them can be the data");
            return null;
        }

        var series = Series(holder, "kW", grid.Start, step, IntervalUnit.Kw) ?? Series(holder, "kWh", grid.Start, step, IntervalUnit.Kwh);
        if (series is null && !problems.Any)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, holder.Pointer, "give kW or kWh, one number per interval of the site");
        }

        return series;
    }

    /// <summary>What has no meaning beside the form of the data that was chosen is told; data that would be dropped are refused.</summary>
    private void Unused(JsonMember intervals)
    {
        var form = Ways.FirstOrDefault(w => intervals.Member(w) is not null) ?? "kW";
        foreach (var name in intervals.Raw.EnumerateObject().Select(m => m.Name).Where(n => n != form && intervals.Member(n) is not null))
        {
            var member = intervals.Member(name)!;
            if (BesidePower.Contains(name) || BesideEnergy.Contains(name))
            {
                if (!(form == "kW" ? BesidePower : form == "kWh" ? BesideEnergy : []).Contains(name))
                {
                    problems.Refuse(ErrorClass.SchemaInvalid, member.Pointer, $"{name} cannot stand beside {form}; give it in the same form and unit");
                }
            }
            else if (name == "estimated" && form is not ("kW" or "kWh"))
            {
                problems.Refuse(ErrorClass.SchemaInvalid, member.Pointer, $"estimated cannot stand beside {form}: give kW or kWh, whose intervals it counts");
            }
            else if (!(form is "kW" or "kWh" ? IsForNumbers(name) : form == "csv" ? IsForCsv(name, intervals) : IsForFeed(name)))
            {
                problems.Warn(ErrorClass.SchemaInvalid, member.Pointer, $"{name} has no effect beside {form}");
            }
        }
    }

    private static bool IsForNumbers(string name) => name is "start" or "minutes" or "estimated";

    private static bool IsForFeed(string name) => name is "reading" or "gaps" or "siteLimitKw" or "minutes" or "zone" or "register" || IsForAnyFile(name);

    private static bool IsForAnyFile(string name) => name is "multiplier" or "spikes" or "spikePercent" or "registerFrom" or "registerUntil" or "registerTolerance";

    /// <summary>A NEM12 file says itself how it is written, and may hold several readings.</summary>
    private static bool IsForCsv(string name, JsonMember intervals) => intervals.Member("csv")!.Text().StartsWith("100,NEM1", StringComparison.Ordinal)
        ? name is "reading" or "gaps" or "siteLimitKw" or "minutes" || IsForAnyFile(name)
        : name is not ("start" or "reading");

    private T? Unwrap<T>(ReadResult<T> read, JsonMember from)
        where T : class
    {
        foreach (var refusal in read.Refusals)
        {
            problems.Refuse(refusal.Class, from.Pointer, $"{refusal.Path}: {refusal.Detail}");
        }

        foreach (var warning in read.Warnings)
        {
            problems.Warn(warning.Class, from.Pointer, $"{warning.Path}: {warning.Detail}");
        }

        return read.Ok ? read.Value : null;
    }

    private IntervalOptions Options(JsonMember intervals)
    {
        ImmutableArray<string> ReadTexts(string name) => [.. intervals.Member(name)?.Items().Select(c => c.Text()) ?? []];
        var dialect = new IntervalDialect
        {
            Zone = intervals.Member("zone")?.Text(),
            Stamp = intervals.Enum("stamp", StampPosition.Start, problems),
            Channel = intervals.Enum("channel", MeterChannel.Import, problems),
            Gaps = intervals.Enum("gaps", GapPolicy.LeaveOut, problems),
            TimeColumn = intervals.Member("timeColumn")?.Text(),
            DateColumn = intervals.Member("dateColumn")?.Text(),
            ValueColumn = intervals.Member("valueColumn")?.Text(),
            ExportColumn = intervals.Member("exportColumn")?.Text(),
            QualityColumn = intervals.Member("qualityColumn")?.Text(),
            MeasuredCodes = ReadTexts("measuredCodes"),
            MissingCodes = ReadTexts("missingCodes"),
            MissingValues = ReadTexts("missingValues"),
            IgnoreColumns = ReadTexts("ignoreColumns"),
            StampFormat = intervals.Member("stampFormat")?.Text(),
            Register = intervals.Member("register")?.Flag(),
            RowsInOrder = intervals.Member("rowsInOrder")?.Flag(),
            Delimiter = intervals.Member("delimiter") is null ? null : intervals.Enum("delimiter", CsvDelimiter.Comma, problems),
            Decimal = intervals.Enum("decimal", DecimalMark.Point, problems),
            Thousands = intervals.Enum("thousands", ThousandsMark.None, problems),
            SkipRows = intervals.Member("skipRows")?.Integer(0, IntervalDialectJson.MostSkipped),
            Header = intervals.Member("header")?.IsFalse != true,
            Unit = intervals.Member("unit")?.Text(),
            Minutes = intervals.Member("minutes")?.Integer(1, 1440) is { } step and > 0 ? step : null,
            SiteLimitKw = intervals.Member("siteLimitKw")?.Number(),
            Multiplier = intervals.Member("multiplier")?.Number(),
            Spikes = intervals.Member("spikes") is null ? null : intervals.Enum("spikes", SpikePolicy.Mark, problems),
            SpikePercent = intervals.Member("spikePercent")?.Number(),
        };
        return (Validate(dialect, intervals) ? dialect : new IntervalDialect()).Options(zone.Id, now: null, mostRows: 1_200_000) with { Check = Check(intervals) };
    }

    /// <summary>What members refuse alone is left to the file's reader, which knows the line.</summary>
    private bool Validate(IntervalDialect dialect, JsonMember intervals)
    {
        var faults = IntervalDialectJson.Faults(dialect).Where(f => f.Path is "/multiplier" or "/spikePercent").ToArray();
        foreach (var fault in faults)
        {
            problems.Refuse(fault.Class, intervals.Pointer + fault.Path, fault.Detail);
        }

        return faults.Length == 0;
    }

    private RegisterCheck? Check(JsonMember intervals)
    {
        var (from, until, tolerance) = (intervals.Member("registerFrom")?.Number(), intervals.Member("registerUntil")?.Number(), intervals.Member("registerTolerance")?.Number());
        if (RegisterCheck.Fault(from, until, tolerance) is { } fault)
        {
            problems.Refuse(fault.Class, intervals.Pointer + fault.Path, fault.Detail);
        }

        return from is { } first && until is { } last ? new RegisterCheck(first, last, tolerance) : null;
    }

    private MeterData? Numbers(JsonMember intervals)
    {
        var minutes = intervals.Member("minutes")?.Integer() ?? 0;
        if (minutes <= 0 || 1440 % minutes != 0)
        {
            problems.Refuse(ErrorClass.SemanticDuration, $"{intervals.Pointer}/minutes", "the length of an interval in minutes divides the day, e.g. 15 or 60");
            return null;
        }

        var (start, step) = (Start(intervals), Duration.FromMinutes(minutes));
        var power = intervals.Member("kW") is not null;
        var net = Series(intervals, "kW", start, step, IntervalUnit.Kw) ?? Series(intervals, "kWh", start, step, IntervalUnit.Kwh);
        if (net is null)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, intervals.Pointer, "give kW or kWh, one number per interval");
            return null;
        }

        var (suffix, estimated) = (power ? "KW" : "Kwh", Estimated(intervals, net));
        IntervalSeries? ReadSeries(string name) => Series(intervals, name, start, step, net.Unit) is { } series ? Guessed(series, estimated) : null;
        var data = new MeterData
        {
            Net = Guessed(net, estimated),
            Export = ReadSeries($"export{suffix}"),
            Generation = ReadSeries($"generation{suffix}"),
            Reactive = ReadSeries(power ? "kvar" : "kvarh"),
        };
        return problems.Any ? null : data;
    }

    /// <summary>The ranges of intervals that nobody measured, [from, until) by index, in order; each has a number.</summary>
    private ImmutableArray<IndexRange> Estimated(JsonMember intervals, IntervalSeries net)
    {
        if (intervals.Member("estimated") is not { } member)
        {
            return [];
        }

        var (ranges, next) = (ImmutableArray.CreateBuilder<IndexRange>(), 0);
        foreach (var item in member.Items())
        {
            item.RefuseUnknown("from", "until");
            var (from, until) = (item.Required("from", "the index of the first interval that is an estimate").Integer(0, net.Count),
                item.Required("until", "the index after the last one").Integer(0, net.Count));
            if (from < next || until <= from || until > net.Count)
            {
                problems.Refuse(ErrorClass.SemanticNumber, item.Pointer, string.Create(
                    CultureInfo.InvariantCulture, $"{from} to {until} is no range here: from {next} on, until above it and at most {net.Count}; ranges stand in order and do not overlap"));
                return [];
            }

            ranges.Add(new IndexRange(from, until - from));
            next = until;
        }

        if (ranges.FirstOrDefault(r => net.Missing.Any(m => m.From < r.From + r.Count && m.From + m.Count > r.From)) is { Count: > 0 } empty)
        {
            problems.Refuse(ErrorClass.SemanticNumber, member.Pointer, string.Create(
                CultureInfo.InvariantCulture, $"an interval from {empty.From} to {empty.From + empty.Count} is null: what has no reading is no estimate; give its number or leave it out of estimated"));
        }

        return ranges.ToImmutable();
    }

    /// <summary>The series beside may be shorter than the one that the ranges were held against.</summary>
    private static IntervalSeries Guessed(IntervalSeries series, ImmutableArray<IndexRange> estimated) =>
        estimated.IsEmpty ? series : series.Marked(series.Missing, [.. estimated.Where(r => r.From < series.Count).Select(r => r with { Count = Math.Min(r.Count, series.Count - r.From) })]);

    private Instant Start(JsonMember intervals)
    {
        if (intervals.Member("start") is not { } start)
        {
            var year = Year ?? UndatedYear;
            if (Year is null)
            {
                problems.Warn(
                    ErrorClass.SemanticTime, intervals.Pointer,
                        $"neither start nor year is given; the intervals are taken as those of {year}, whose weekdays and holidays decide prices: give start, or year");
            }

            return zone.AtStartOfDay(new LocalDate(year, 1, 1)).ToInstant();
        }

        var text = start.Text();
        if (OffsetDateTimePattern.ExtendedIso.Parse(text) is { Success: true } exact)
        {
            return exact.Value.ToInstant();
        }

        if (LocalDatePattern.Iso.Parse(text) is { Success: true } day)
        {
            return zone.AtStartOfDay(day.Value).ToInstant();
        }

        if (LocalDateTimePattern.GeneralIso.Parse(text) is { Success: true } local)
        {
            return Local(start, local.Value);
        }

        problems.Refuse(ErrorClass.SemanticTime, start.Pointer, "a start like 2026-01-01T00:00:00-08:00, or a local date or time in timeZone, is wanted here");
        return Instant.FromUnixTimeSeconds(0);
    }

    /// <summary>A time on the clock of the zone; where the clock is set it may stand for two instants, or for none.</summary>
    private Instant Local(JsonMember start, LocalDateTime local)
    {
        var mapping = zone.MapLocal(local);
        if (mapping.Count == 1)
        {
            return mapping.Single().ToInstant();
        }

        var why = mapping.Count == 0
            ? "does not exist: the clock is set forward over it"
            : $"comes twice: give {Stated(mapping.First())} or {Stated(mapping.Last())}";
        problems.Refuse(ErrorClass.SemanticTime, start.Pointer, $"{start.Text()} in {zone.Id} {why}");
        return mapping.Count == 0 ? mapping.EarlyInterval.End : mapping.First().ToInstant();
    }

    private static string Stated(ZonedDateTime time) => OffsetDateTimePattern.GeneralIso.Format(time.ToOffsetDateTime());

    private IntervalSeries? Series(JsonMember intervals, string name, Instant start, Duration step, IntervalUnit unit)
    {
        if (intervals.Member(name) is not { IsArray: true } member || member.Raw.GetArrayLength() == 0)
        {
            return null;
        }

        var array = member.Raw;
        var values = new decimal[array.GetArrayLength()];
        var present = new bool[values.Length];
        var (at, missing) = (0, ImmutableArray.CreateBuilder<IndexRange>());
        foreach (var item in array.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Null)
            {
                missing.Add(new IndexRange(at, 1));
            }
            else if (item.ValueKind is not (JsonValueKind.Number or JsonValueKind.String)
                || !ExactDecimal.TryParse(item.ValueKind == JsonValueKind.Number ? item.GetRawText() : item.GetString(), out values[at]))
            {
                problems.Refuse(ErrorClass.SemanticNumber, string.Create(CultureInfo.InvariantCulture, $"{member.Pointer}/{at}"), "a number is wanted here, or null where there is no reading");
                return null;
            }

            present[at] = item.ValueKind != JsonValueKind.Null;
            at++;
        }

        if (unit == IntervalUnit.Kwh && RegisterReadings.AreLikely(values, present))
        {
            problems.Warn(ErrorClass.Plausibility, member.Pointer,
                $"the values never fall and are large against their differences: {name} is the energy of each interval, not the readings of a register");
        }

        return IntervalSeries.Create(start, step, unit, values).Marked(missing.ToImmutable(), []);
    }
}
