using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intensity;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Time;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Carbon;

/// <summary>A carbon report asked for.</summary>
public sealed record CarbonRequest
{
    public required DateTimeZone Zone { get; init; }

    /// <summary>The intensities of the request itself; null = those stored of <see cref="GridZone"/>.</summary>
    public IntensityCurve? Curve { get; init; }

    /// <summary>A stored zone; empty where the request brings its own intensities.</summary>
    public required string GridZone { get; init; }

    public MeterData? Data { get; init; }
    public ImmutableArray<RenewableSupply> Supplies { get; init; } = [];
    public ImmutableArray<BillingCycle> Cycles { get; init; } = [];
    public ImmutableArray<ChargedSession> Sessions { get; init; } = [];

    /// <summary>The time that intensities are needed of.</summary>
    public (Instant From, Instant Until) Span
    {
        get
        {
            var parts = Sessions.SelectMany(s => s.Parts).Select(p => (p.From, p.Until));
            var all = Data is { } data ? parts.Append((data.Net.Start, data.Net.End)) : parts;
            return (all.Min(s => s.Item1), all.Max(s => s.Item2));
        }
    }

    /// <exception cref="BillRefusedException">The intervals do not make up hours.</exception>
    public CarbonReport Report(IntensityCurve? stored = null) => CarbonReport.Compute(Zone, Curve ?? stored ?? new IntensityCurve(GridZone, []), Data, Supplies, Cycles, Sessions);
}

/// <summary>Reads the body of <c>POST /v1/carbon-reports</c>.</summary>
public static class CarbonRequestJson
{
    private const int MostSupplies = 100;
    private const int MostSessions = 10_000;
    private const int MostSessionHours = 500_000;
    private static readonly Duration LongestStored = Duration.FromDays(400);
    private static readonly Duration LongestPart = Duration.FromDays(31);

    public static ReadResult<CarbonRequest> Read(ReadOnlyMemory<byte> json) => RequestDocument.Read(json, typeof(CarbonReportRequestBody), ReadRequest);

    private static CarbonRequest? ReadRequest(JsonMember root, ReadProblems problems)
    {
        var zone = SettlementRequestJson.ReadZone(root, problems);
        var curve = Curve(root, problems);
        var named = root.Member("gridZone")?.Text();
        if (named is null == curve is null && !problems.Any)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, "/gridZone", "give gridZone, a zone whose intensities are stored, or intensity with points of its own: one of the two");
        }

        if (root.Member("intervals") is null && root.Member("sessions") is null)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, "/intervals", "missing: give the site's intervals, sessions, or both");
        }

        var data = zone is null || root.Member("intervals") is not { } intervals ? null : Site(intervals, zone, problems);
        if (zone is null || problems.Any)
        {
            return null;
        }

        var supplies = root.Member("supplies")?.Items(0, MostSupplies).Select(s => Supply(s, data, zone, problems)).OfType<RenewableSupply>().ToImmutableArray() ?? [];
        var sessions = root.Member("sessions")?.Items(1, MostSessions).Select(s => Session(s, problems)).OfType<ChargedSession>().ToImmutableArray() ?? [];
        Once(supplies.Select(s => s.Id), "/supplies", problems);
        Once(sessions.Select(s => s.Id), "/sessions", problems);
        Bound(sessions, problems);
        var request = problems.Any ? null : new CarbonRequest
        {
            Zone = zone,
            Curve = curve,
            GridZone = named ?? string.Empty,
            Data = data,
            Supplies = supplies,
            Sessions = sessions,
            Cycles = data is null ? [] : Cycles(root, data.Net, zone, problems),
        };
        if (request is { Curve: null, Span: var span } && span.Until - span.From > LongestStored)
        {
            problems.Refuse(ErrorClass.LimitCount, "/gridZone",
                "stored intensities are taken for at most 400 days from the first to the last moment; give the sessions or intervals of a year in a request of their own");
        }

        return problems.Any ? null : request;
    }

    /// <summary>Each session is answered hour by hour: what all come to is bounded before it is made.</summary>
    private static void Bound(ImmutableArray<ChargedSession> sessions, ReadProblems problems)
    {
        var hours = sessions.SelectMany(s => s.Parts).Sum(p => (long)Math.Ceiling((p.Until - p.From).TotalHours) + 1);
        if (hours > MostSessionHours)
        {
            problems.Refuse(ErrorClass.LimitCount, "/sessions",
                $"the sessions lie in {hours} hours; at most {MostSessionHours} are answered at once: give fewer, or the times in which their energy flowed");
        }
    }

    private static IntensityCurve? Curve(JsonMember root, ReadProblems problems) => root.Member("intensity") is { } intensity
        && intensity.Required<IntensityPoint[]>("points", "the intensities", problems) is { } points
            ? IntensityReader.Checked("request", points, "/intensity/points", problems) : null;

    private static MeterData? Site(JsonMember intervals, DateTimeZone zone, ReadProblems problems)
    {
        if ((intervals.Member("generationKW") ?? intervals.Member("generationKwh")) is { } generation)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, generation.Pointer, "generation is a supply here: give it in supplies, with kind onSite where it lies behind the site's meter");
        }

        return new InlineIntervals(zone, problems).Read(intervals);
    }

    private static RenewableSupply? Supply(JsonMember supply, MeterData? data, DateTimeZone zone, ReadProblems problems)
    {
        var id = Id(supply, problems);
        if (supply.Member("kind") is null)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, $"{supply.Pointer}/kind", "missing: onSite (behind the site's meter) or contracted (elsewhere in the grid)");
        }

        var percent = supply.Member("percent")?.Number() ?? 100;
        if (percent is <= 0 or > 100)
        {
            problems.Refuse(ErrorClass.SemanticNumber, $"{supply.Pointer}/percent", "the site's share is above 0 and at most 100 percent");
        }

        if (data is null)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, "/intervals", "missing: supplies are matched with the site's intervals");
            return null;
        }

        var series = new InlineIntervals(zone, problems).OnGrid(supply, data.Net);
        if (series is { HasNegative: true } || (series is not null && series.Count != data.Net.Count))
        {
            problems.Refuse(ErrorClass.SemanticNumber, supply.Pointer, series.HasNegative
                ? "generation is 0 or more"
                : $"{series.Count} numbers, where the site has {data.Net.Count} intervals; give one for each, null where there is no reading");
        }

        return problems.Any ? null : new RenewableSupply(id, supply.Enum("kind", SupplyKind.OnSite, problems), series!, percent);
    }

    private static ChargedSession? Session(JsonMember session, ReadProblems problems)
    {
        var id = Id(session, problems);
        if (session.Member("parts") is not { } list)
        {
            return Part(session, "start", "end", problems) is { } whole ? new ChargedSession(id, [whole]) : null;
        }

        if (session.Member("start") is not null || session.Member("end") is not null || session.Member("kWh") is not null)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, session.Pointer, "give start, end and kWh, or parts: one of the two");
        }

        var parts = list.Items(1, 1000).Select(p => Part(p, "from", "until", problems)).OfType<SessionPart>().OrderBy(p => p.From).ToImmutableArray();
        if (parts.Zip(parts.Skip(1)).Any(p => p.First.Until > p.Second.From))
        {
            problems.Refuse(ErrorClass.SemanticOverlap, list.Pointer, "parts overlap; a session's energy flows once");
        }

        return problems.Any ? null : new ChargedSession(id, parts);
    }

    private static SessionPart? Part(JsonMember holder, string start, string end, ReadProblems problems)
    {
        var (from, until, kwh) = (holder.Required(start, "an instant with its offset").Instant(), holder.Required(end, "an instant with its offset").Instant(),
            holder.Required("kWh", "the energy").Amount());
        if (problems.Any)
        {
            return null;
        }

        if (until <= from || until - from > LongestPart)
        {
            problems.Refuse(ErrorClass.SemanticTime, $"{holder.Pointer}/{end}", "the energy ends to flow after it began, at most 31 days later");
        }

        if (kwh is < 0 or > 1_000_000)
        {
            problems.Refuse(ErrorClass.SemanticNumber, $"{holder.Pointer}/kWh", "a session's energy is 0 to 1,000,000 kWh");
        }

        return problems.Any ? null : new SessionPart(from, until, kwh);
    }

    private static string Id(JsonMember holder, ReadProblems problems)
    {
        var id = holder.Member("id") is { IsText: true } text ? text.Text() : string.Empty;
        if (id.Length is 0 or > 200)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, $"{holder.Pointer}/id", "missing: what it is known by, 1 to 200 characters");
        }

        return id;
    }

    private static void Once(IEnumerable<string> ids, string at, ReadProblems problems)
    {
        if (ids.GroupBy(i => i, StringComparer.Ordinal).FirstOrDefault(g => g.Skip(1).Any()) is { } twice)
        {
            problems.Refuse(ErrorClass.DuplicateId, at, $"{SafeText.Quote(twice.Key)} stands twice; give each once, under an id of its own");
        }
    }

    private static ImmutableArray<BillingCycle> Cycles(JsonMember root, IntervalSeries net, DateTimeZone zone, ReadProblems problems)
    {
        if (root.Member("cycles") is not { } cycles)
        {
            return BillingCycle.CalendarMonths(net.Start.InZone(zone).Date, (net.End - Duration.Epsilon).InZone(zone).Date.PlusDays(1));
        }

        var last = LocalDate.MinIsoValue;
        var read = ImmutableArray.CreateBuilder<BillingCycle>();
        foreach (var (cycle, i) in cycles.Items(1, 1000).Select((c, i) => (new BillingCycle(Day(c, "from", problems), Day(c, "until", problems)), i)))
        {
            if (cycle.Until <= cycle.From || cycle.From < last)
            {
                problems.Refuse(ErrorClass.SemanticTime, $"/cycles/{i}", "cycles are days [from, until) with until after from, in order, and do not overlap: each hour counts once");
            }

            last = cycle.Until;
            read.Add(cycle);
        }

        return read.ToImmutable();
    }

    private static LocalDate Day(JsonMember cycle, string name, ReadProblems problems)
    {
        if (LocalDatePattern.Iso.Parse(cycle.Required(name, "a date like 2026-01-10").Text()) is { Success: true } day)
        {
            return day.Value;
        }

        problems.Refuse(ErrorClass.SemanticTime, $"{cycle.Pointer}/{name}", "a date like 2026-01-10 is wanted here");
        return new LocalDate(2000, 1, 1);
    }
}
