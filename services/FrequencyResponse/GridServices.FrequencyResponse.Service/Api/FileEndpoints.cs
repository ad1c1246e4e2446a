using System.Globalization;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Evidence;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>The files that grid operators ask for: metered power at regular instants, availability per settlement period.</summary>
internal static class FileEndpoints
{
    internal const string Csv = "text/csv";
    private const string Json = "application/json";
    private const long MostRows = 20_000;

    /// <summary>A day at 20 Hz.</summary>
    private const long MostLines = 1_728_000;
    private static readonly Duration Lateness = Duration.FromNanoseconds(MeteredRows.LatenessNanos);

    public static void MapFiles(this IEndpointRouteBuilder routes)
    {
        var contracts = routes.MapGroup("/v1/contracts/{contractId}").RequirePermission(Permission.SeeSites).WithTags("Records");
        contracts.MapGet("/metered", MeteredAsync).WithName("getMetered")
            .WithSummary("Metered power and frequency of the contract's pool at regular instants")
            .WithDescription(
                "A row at every whole multiple of `step` in [from, until). The rule: the frequency is that of the last sample by then, the metered power that of the last reading by then, each not older than one and a half "
                + "steps; nothing is averaged, held longer or filled in. Where a value is missing it is absent, and `marks` says why: noFrequency, noReading, notRunning, lost, broken. Powers are W (CSV: MW), + = injection, as in the "
                + "evidence, and are those of the pool, which contracts on the same assets share. A reading may come 16 s late, so that `until` lies at least as far back. "
                + "`format`: json (default, at most 20,000 rows), csv, or gb and nordic, the tables that NESO and the Nordic operators take (at most 1,728,000 rows: a day at 20 Hz).")
            .Explains("step", "Between two rows, ISO 8601: PT1S (default), PT0.05S, …; 10 ms to 1 min.")
            .Explains("from", "Begin, inclusive, RFC 3339 in UTC; absent = an hour before until.")
            .Explains("until", "End, exclusive; absent = 16 s ago, which is also the latest.")
            .Explains("format", "json, csv, gb or nordic.")
            .Produces<MeteredAnswer>(StatusCodes.Status200OK, Json, Csv).Refuses(ErrorClass.SemanticWindow, ErrorClass.SemanticCode, ErrorClass.LimitCount);
        contracts.MapGet("/availability", AvailabilityAsync).WithName("getAvailability")
            .WithSummary("Availability per settlement period that begins in [from, until), with the reasons; by default the last day")
            .WithDescription("`format=csv` gives it as a table. A period that still runs has `closed` false. Availability is the share of the procured time; `performance` is what is paid.")
            .Explains("format", "json (default) or csv.")
            .Produces<AvailabilityAnswer>(StatusCodes.Status200OK, Json, Csv).Refuses(ErrorClass.SemanticWindow, ErrorClass.SemanticCode);
        contracts.MapGet("/retention", RetentionAsync).WithName("getRetention")
            .WithSummary("How much evidence there is of the contract's pool, how fast it grows, and for how long it is kept")
            .WithDescription("At the rate at which it grew from the oldest segment on. `problem` says that the days of Evidence:KeepDays do not fit into Evidence:MaxMiB, and how long that lasts.")
            .Produces<EvidenceRetention>();
    }

    private static async Task<IResult> MeteredAsync(
        string contractId, string? from, string? until, string? step, string? format, HttpContext http, PoolHost host, FrequencyStore entries, EvidenceLogs logs, IClock clock)
    {
        var (id, settings) = await http.GetRecordedContractAsync(host, entries, contractId);
        var latest = clock.GetCurrentInstant() - Lateness;
        var (begin, end) = EntryAccess.Span(from, until, latest, Duration.FromHours(1));
        if (end > latest)
        {
            throw new ProblemException(ErrorClass.SemanticWindow, $"Readings may still come for what is after {TimeText.Format(latest)}; ask for it {Lateness.TotalSeconds:0} s later.", "until");
        }

        var width = Step(step);
        var pool = new EntryId(id.Tenant, PoolFactory.GetPoolName(settings));
        var rows = MeteredRows.Build(logs.Read(pool, begin - MeteredRows.Reach(width), end + Lateness)
            .Select(s => MeteredSegment.Read(s, body => RecordedPool.ReadContracts(body).IndexOf(id.Key))), width, new Interval(begin, end));
        Require((end - begin) / width, string.IsNullOrEmpty(format) || format == "json" ? MostRows : MostLines);
        return format switch
        {
            null or "" or "json" => Results.Ok(new MeteredAnswer(id.Key, begin, end, width, [.. rows.Select(MeteredView.Create)])),
            "csv" => Table(MeteredCsv.Full(rows)),
            "gb" => Table(MeteredCsv.GreatBritain(rows)),
            "nordic" => Table(MeteredCsv.Nordic(rows)),
            _ => throw new ProblemException(ErrorClass.SemanticCode, "format is json, csv, gb or nordic.", "format"),
        };
    }

    private static async Task<IResult> AvailabilityAsync(string contractId, string? from, string? until, string? format, HttpContext http, PoolHost host,
        FrequencyStore entries, PeriodStore store, IClock clock)
    {
        var (id, _) = await http.GetRecordedContractAsync(host, entries, contractId);
        var (begin, end) = EntryAccess.Span(from, until, clock.GetCurrentInstant());
        EntryAccess.RequireSpan(begin, end);
        var periods = (await store.FindAsync(id, begin, end, http.RequestAborted)).Select(AvailabilityPeriod.Create).ToList();
        return EntryAccess.IsCsv(format) ? Table(RecordCsv.Availability(periods)) : Results.Ok(new AvailabilityAnswer(id.Key, begin, end, periods));
    }

    private static async Task<IResult> RetentionAsync(string contractId, HttpContext http, PoolHost host, FrequencyStore entries, EvidenceLogs logs)
    {
        var (id, settings) = await http.GetRecordedContractAsync(host, entries, contractId);
        return Results.Ok(logs.Retention(new EntryId(id.Tenant, PoolFactory.GetPoolName(settings))));
    }

    private static Duration Step(string? step) =>
        string.IsNullOrEmpty(step) ? Duration.FromSeconds(1)
        : TimeText.TryDuration(step, out var width) && width >= Duration.FromMilliseconds(10) && width <= Duration.FromMinutes(1) ? width
        : throw new ProblemException(ErrorClass.SemanticWindow, "step is between PT0.01S and PT1M, e.g. PT1S or PT0.05S.", "step");

    private static void Require(double rows, long most)
    {
        if (rows > most)
        {
            throw new ProblemException(ErrorClass.LimitCount,
                string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(rows):0} rows; at most {most} at once in this format. Ask for a shorter span, a longer step, or csv."), "from");
        }
    }

    /// <summary>Line by line: a day of rows is never whole in memory.</summary>
    internal static IResult Table(IEnumerable<string> lines) => Results.Stream(
        async body =>
        {
            await using var writer = new StreamWriter(body, leaveOpen: true) { NewLine = "\n" };
            foreach (var line in lines)
            {
                await writer.WriteLineAsync(line);
            }
        },
        Csv);
}
