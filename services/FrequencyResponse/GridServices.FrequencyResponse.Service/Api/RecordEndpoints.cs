using GridServices.Contracts;
using GridServices.FrequencyResponse.Evidence;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>What was delivered: activations, settlement periods, evidence.</summary>
internal static class RecordEndpoints
{
    private const int MostActivations = 1_000;
    private const int MostLines = 100_000;

    public static void MapRecords(this IEndpointRouteBuilder routes)
    {
        var contracts = routes.MapGroup("/v1/contracts/{contractId}").RequirePermission(Permission.SeeSites).WithTags("Records");
        contracts.MapGet("/activations", ActivationsAsync).WithName("getActivations")
            .WithSummary("Activations that touch [from, until), the latest first; by default the last day")
            .WithDescription("The latest thousand; `format=csv` gives all of them as a table, or refuses where there are more than 100,000.")
            .Explains("format", "json (default) or csv.")
            .Produces<IReadOnlyList<Activation>>(StatusCodes.Status200OK, "application/json", FileEndpoints.Csv).Refuses(ErrorClass.SemanticWindow, ErrorClass.SemanticCode, ErrorClass.LimitCount);
        contracts.MapGet("/performance", PerformanceAsync).WithName("getPerformance")
            .WithSummary("Settlement periods that begin in [from, until), and the body that Tariffs settles")
            .WithDescription(
                "`settlement` is the body of the tariff service's POST /v1/settlements/frequency: availability × performance of the closed periods; "
                + "absent where the contract states no price. Metered power of the assets is scored, never commands: `source` says where the numbers of a period come from, "
                + "and what no reading covers is not measured and not paid.")
            .Produces<PerformanceAnswer>();
        contracts.MapGet("/evidence", EvidenceAsync).WithName("listEvidence").WithSummary("The evidence log's segments of the contract's pool").Produces<IReadOnlyList<EvidenceSegment>>();
        contracts.MapGet("/evidence/{segment}", EvidenceFileAsync).WithName("getEvidence")
            .WithSummary("A segment: every sample and decision, hash-chained")
            .WithDescription("?format=gb or nordic gives the segment's turns as the CSV that NESO's performance script or the Nordic TSOs take; without it the log itself, to be verified and run again.")
            .Produces<string>(StatusCodes.Status200OK, "application/octet-stream", "text/csv");
    }

    private static async Task<IResult> ActivationsAsync(
        string contractId, string? from, string? until, string? format, HttpContext http, PoolHost host, FrequencyStore entries, ActivationStore store,
            Recorder recorder, PoolTable table, IClock clock)
    {
        var (id, _) = await http.GetRecordedContractAsync(host, entries, contractId);
        var (begin, end) = EntryAccess.Span(from, until, clock.GetCurrentInstant());
        var isCsv = EntryAccess.IsCsv(format);
        var stored = await store.FindAsync(id, begin, end, isCsv ? MostLines + 1 : MostActivations, http.RequestAborted);
        if (stored.Count > MostLines)
        {
            throw new ProblemException(ErrorClass.LimitCount, $"More than {MostLines} activations; ask for a shorter span.", "from");
        }

        // Of the one that lasts memory knows more than the disk.
        var running = table.FindByContract(id) is { } pool ? recorder.Find(pool, id.Key)?.Tracker.Running : null;
        var known = stored.Select(a => a.EndedAt is null && running?.Id == a.Id ? running : a).ToList();
        return isCsv ? FileEndpoints.Table(RecordCsv.Activations(known)) : Results.Ok(known);
    }

    private static async Task<IResult> PerformanceAsync(string contractId, string? from, string? until, HttpContext http, PoolHost host, FrequencyStore entries, PeriodStore store, IClock clock)
    {
        var (id, settings) = await http.GetRecordedContractAsync(host, entries, contractId);
        var (begin, end) = EntryAccess.Span(from, until, clock.GetCurrentInstant());
        EntryAccess.RequireSpan(begin, end);
        var periods = await store.FindAsync(id, begin, end, http.RequestAborted);
        var closed = periods.Where(p => p.Closed).Select(p => p.Record());
        var settlement = settings.Price is { } price ? SettlementExport.Create(price.Currency, closed, price.PerMwHour, price.EnergyPerKwh) : null;
        return Results.Ok(new PerformanceAnswer(id.Key, begin, end, periods, settlement));
    }

    private static async Task<IResult> EvidenceAsync(string contractId, HttpContext http, PoolHost host, FrequencyStore entries, EvidenceLogs logs)
    {
        var (id, settings) = await http.GetRecordedContractAsync(host, entries, contractId);
        return Results.Ok(logs.Segments(new EntryId(id.Tenant, PoolFactory.GetPoolName(settings))));
    }

    private static async Task<IResult> EvidenceFileAsync(string contractId, string segment, string? format, HttpContext http, PoolHost host, FrequencyStore entries, EvidenceLogs logs)
    {
        var (id, settings) = await http.GetRecordedContractAsync(host, entries, contractId);
        var file = logs.Open(new EntryId(id.Tenant, PoolFactory.GetPoolName(settings)), segment)
            ?? throw new ProblemException(ErrorClass.NotFound, "There is no such segment; GET …/evidence lists them.");
        if (string.IsNullOrEmpty(format))
        {
            // The running segment grows meanwhile: what is sent are the whole records that stood there when it was opened.
            var whole = EvidenceLog.FindLastRecordEnd(file);
            return Results.Stream(body => SendAsync(file, whole, body, http.RequestAborted), "application/octet-stream", segment);
        }

        await using (file)
        {
            using var whole = new MemoryStream();
            await file.CopyToAsync(whole, http.RequestAborted);
            var (turns, contracts) = Turns(whole.ToArray());
            var index = contracts.IndexOf(id.Key);
            if (index < 0)
            {
                throw new ProblemException(ErrorClass.NotFound, $"The segment holds no turns of {contractId}; it is of {string.Join(", ", contracts)}.");
            }

            var lines = format switch
            {
                "gb" => PerformanceCsv.GreatBritain(turns, index),
                "nordic" => PerformanceCsv.Nordic(turns),
                _ => throw new ProblemException(ErrorClass.SemanticCode, "format is gb or nordic; leave it out for the log itself.", "format"),
            };
            return Results.Text(string.Join('\n', lines) + "\n", "text/csv");
        }
    }

    private static async Task SendAsync(Stream file, long bytes, Stream body, CancellationToken ct)
    {
        await using (file)
        {
            file.Position = 0;
            var buffer = new byte[1 << 16];
            for (var left = bytes; left > 0;)
            {
                var read = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), ct);
                if (read == 0)
                {
                    return;
                }

                await body.WriteAsync(buffer.AsMemory(0, read), ct);
                left -= read;
            }
        }
    }

    /// <summary>Turns, and the contracts of the pool in their order then.</summary>
    private static (List<EvidenceTurn> Turns, List<string> Contracts) Turns(ReadOnlySpan<byte> segment)
    {
        List<string> contracts = [];
        var turns = new List<EvidenceTurn>();
        var reader = new EvidenceReader(segment);
        while (reader.TryRead(out var record))
        {
            if (record.Kind == EvidenceKind.Settings)
            {
                contracts = RecordedPool.ReadContracts(record.Body.ToArray());
            }
            else if (EvidenceTurn.Read(record) is { } turn)
            {
                turns.Add(turn);
            }
        }

        return (turns, contracts);
    }
}

/// <summary>Settlement periods and what follows from them.</summary>
public sealed record PerformanceAnswer(string ContractId, Instant From, Instant Until, IReadOnlyList<SettledPeriod> Periods, SettlementExport? Settlement);
