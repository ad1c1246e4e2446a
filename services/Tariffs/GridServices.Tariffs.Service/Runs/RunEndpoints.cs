using System.Net.Mime;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Service.Calculations;
using GridServices.Tariffs.Service.Meters;
using GridServices.Tariffs.Service.Registry;
using NodaTime;

namespace GridServices.Tariffs.Service.Runs;

/// <summary><c>/v1/billing-runs</c>.</summary>
internal static class RunEndpoints
{
    private const int MaxBody = 16 * 1024 * 1024;
    private const int MostListed = 1_000;

    public static void MapBillingRuns(this IEndpointRouteBuilder routes)
    {
        var runs = routes.MapGroup("/v1/billing-runs").RequirePermission(Permission.SeeBills).WithTags("Billing runs");
        runs.MapPost("/", StartAsync).RequirePermission(Permission.Settle).WithName("startBillingRun").WithSummary("Bill many meters; the run goes on by itself, also after a restart")
            .WithDescription("meters: \"all\" or ids; siteId; from and until (cycles that start in it) or year; tariffId instead of each meter's own; resettles: an earlier run, for the delta still due. Idempotency-Key: the same key with the same body starts one run, however often it is sent; with another body it is refused (422).")
            .ReadsHeader(IdempotencyKey.Header, "1 to 255 visible ASCII characters, e.g. a UUID: the same key with the same body does its work once. Kept for 30 days.")
            .WritesHeader("Location", "Path of the run.").WritesHeader(StoredReply.ReplayedHeader, "true where this is the answer to an earlier request with this key.")
            .Accepts<RunRequestBody>(MediaTypeNames.Application.Json).Produces<RunResponse>(StatusCodes.Status202Accepted);
        runs.MapGet("/", ListAsync).WithName("listBillingRuns").WithSummary("The latest 100 runs, or all of them by pages, the latest first").Produces<ListOrPage<RunResponse>>();
        runs.MapGet("/{runId}", GetAsync).WithName("getBillingRun").WithSummary("How far a run is, and what it came to").Produces<RunResponse>();
        runs.MapGet("/{runId}/bills", BillsAsync).WithName("listBillingRunBills").WithSummary("Results by meter; after and limit page; Accept text/csv for a table of all")
            .Produces<ListOrPage<RunBill>>(StatusCodes.Status200OK, MediaTypeNames.Application.Json, MediaTypeNames.Text.Csv);
        runs.MapGet("/{runId}/bills/{meterId}", BillAsync).WithName("getBillingRunBill").WithSummary("One bill of a run, as JSON, CSV or a page to print")
            .Produces<BillResponse>(StatusCodes.Status200OK, MediaTypeNames.Application.Json, MediaTypeNames.Text.Csv, MediaTypeNames.Text.Html);
        runs.MapPost("/{runId}/cancel", CancelAsync).RequirePermission(Permission.Settle).RepeatsHarmlessly().WithName("cancelBillingRun").WithSummary("Stop a run; what is billed stays")
            .Accepts<CancelBody>(isOptional: true, "application/json").Produces<RunResponse>();
    }

    private static async Task<IResult> StartAsync(HttpContext http, Store store, TariffStore tariffs, BillingRunner runner, IClock clock)
    {
        var body = await http.Request.ReadBodyAsync(MaxBody, MediaTypeNames.Application.Json);
        var key = IdempotencyKey.Read(http, body.Span);
        var read = BillingRunJson.Read(body);
        if (!read.Ok)
        {
            return Responses.Refused(http, read.Refusals);
        }

        var (tenant, request) = (http.Caller().Tenant, read.Value!);
        RequireScope(http, request);
        if (request.TariffId is { } tariffId && (await tariffs.CompiledAsync(tenant, tariffId, http.RequestAborted)).IsEmpty)
        {
            throw new ProblemException(ErrorClass.UnknownId, $"There is no tariff '{tariffId}'; PUT /v1/tariffs/{{tariffId}} first, or leave it out.", "/tariffId");
        }

        if (request.Resettles is { } earlier && await store.ReadAsync(db => RunStore.FindAsync(db, tenant, earlier), http.RequestAborted) is null)
        {
            throw new ProblemException(ErrorClass.UnknownId, $"There is no billing run '{earlier}' to resettle; GET /v1/billing-runs lists them.", "/resettles");
        }

        var runId = Guid.CreateVersion7().ToString();
        var (answer, isNew) = await store.WriteAsync(
            async tx =>
            {
                var now = clock.GetCurrentInstant();
                return key is not null && await IdempotencyStore.ClaimAsync(tx, key, now) is { } earlier
                    ? (earlier, false)
                    : (await CreateAsync(tx, tenant, runId, request, key, now), true);
            },
            http.RequestAborted);
        if (!isNew)
        {
            return answer.Again(http);
        }

        CrashPoint.Hit("run.started");
        runner.Wake();
        return answer.Send(http);
    }

    /// <summary>The run, its jobs and the answer to the caller's key: one commit.</summary>
    private static async Task<StoredReply> CreateAsync(System.Data.Common.DbTransaction tx, string tenant, string runId, BillingRunRequest request, IdempotencyKey? key, Instant now)
    {
        await RequireMetersAsync(tx, tenant, request);
        var jobs = await RunStore.CreateAsync(tx, tenant, runId, request, now);
        if (jobs == 0)
        {
            throw new ProblemException(ErrorClass.SemanticEmpty, "There is no such meter to bill; PUT /v1/meters/{meterId} first.", "/meters");
        }

        var run = new RunRow { Tenant = tenant, RunId = runId, Request = request.Write(), State = RunStore.Running, CreatedAt = now };
        var answer = new StoredReply
        {
            Status = StatusCodes.Status202Accepted,
            Location = $"/v1/billing-runs/{runId}",
            Answer = JsonSerializer.Serialize(Answered(run, new Dictionary<string, int>(StringComparer.Ordinal) { [RunStore.Waiting] = jobs }), TariffJson.AnswerOptions),
        };
        if (key is not null)
        {
            await IdempotencyStore.SaveAsync(tx, key, answer);
        }

        return answer;
    }

    /// <summary>A token for some sites bills one of them at a time.</summary>
    private static void RequireScope(HttpContext http, BillingRunRequest request)
    {
        if (http.Caller().Sites is not null)
        {
            http.Caller().RequireSite(request.SiteId ?? throw new ProblemException(ErrorClass.AuthzSite, "This token is for some sites only; name one in siteId.", "/siteId"));
            if (!request.Meters.IsEmpty)
            {
                throw new ProblemException(ErrorClass.AuthzSite, "With a token for some sites, bill \"all\" meters of one siteId.", "/meters");
            }
        }
    }

    private static async Task RequireMetersAsync(System.Data.Common.DbTransaction tx, string tenant, BillingRunRequest request)
    {
        foreach (var meterId in request.Meters)
        {
            if (await MeterStore.FindAsync(tx, tenant, meterId) is null)
            {
                throw new ProblemException(ErrorClass.UnknownId, $"There is no meter '{meterId}'; PUT /v1/meters/{{meterId}} first, or leave it out.", "/meters");
            }
        }
    }

    private static async Task<IResult> ListAsync(HttpContext http, Store store, string? after = null, string? limit = null)
    {
        var asked = Paging.Parse(after, limit);
        var runs = await store.ReadAsync(db => RunStore.ListAsync(db, http.Caller().Tenant, after, asked is null ? 100 : asked.Limit + 1), http.RequestAborted);

        // Cut before runs of others' sites are left out, so that a page of them still leads on.
        var page = asked?.Cut(runs, r => r.RunId);
        var answers = new List<RunResponse>();
        foreach (var run in (page?.Items ?? runs).Where(run => MaySee(http.Caller(), run)))
        {
            answers.Add(await AnswerAsync(http, store, run));
        }

        return page is null ? Responses.Json(answers) : Responses.Page(new Page<RunResponse>(answers, page.Next));
    }

    private static async Task<IResult> GetAsync(string runId, HttpContext http, Store store) => Responses.Json(await AnswerAsync(http, store, await RunAsync(http, store, runId)));

    private static async Task<IResult> CancelAsync(string runId, HttpContext http, Store store, IClock clock)
    {
        await RequireNoBodyAsync(http.Request);
        await RunAsync(http, store, runId);
        await store.WriteAsync(tx => RunStore.CancelAsync(tx, http.Caller().Tenant, runId, clock.GetCurrentInstant()), http.RequestAborted);
        return Responses.Json(await AnswerAsync(http, store, await RunAsync(http, store, runId)));
    }

    /// <summary>What is asked beside the cancellation would be dropped; an empty object asks nothing.</summary>
    private static async Task RequireNoBodyAsync(HttpRequest request)
    {
        var body = request.ContentType is null ? ReadOnlyMemory<byte>.Empty : await request.ReadBodyAsync(MaxBody, MediaTypeNames.Application.Json);
        if ((request.ContentType is null && request.HasBody()) || !(body.IsEmpty || body.Span.SequenceEqual("{}"u8)))
        {
            throw new ProblemException(ErrorClass.SchemaInvalid, "A run is cancelled without a body; leave it out.", "/");
        }
    }

    private static async Task<IResult> BillsAsync(string runId, HttpContext http, Store store, string? after = null, string? limit = null)
    {
        var asked = Paging.Parse(after, limit);
        await RunAsync(http, store, runId);
        if (!BillEndpoint.WantsCsv(http.Request))
        {
            var results = await store.ReadAsync(db => RunStore.ResultsAsync(db, http.Caller().Tenant, runId, after ?? string.Empty, asked is null ? MostListed : asked.Limit + 1), http.RequestAborted);
            RunBill[] bills = [.. results.Select(RunBill.From)];
            return asked is null ? Responses.Json(bills) : Responses.Page(asked.Cut(bills, b => b.MeterId));
        }

        var csv = new StringBuilder("meter,state,currency,total,payable,delta,provisional,problem\r\n");
        for (var last = string.Empty; ;)
        {
            var page = await store.ReadAsync(db => RunStore.ResultsAsync(db, http.Caller().Tenant, runId, last, MostListed), http.RequestAborted);
            foreach (var row in page)
            {
                csv.AppendJoin(',', new[] { row.MeterId, row.State, row.Currency, row.Total, row.Payable, row.Delta, row.Provisional is { } flag ? (flag != 0 ? "true" : "false") : null, row.Problem }.Select(BillCsv.Field)).Append("\r\n");
            }

            if (page.Count < MostListed)
            {
                return Results.Text(csv.ToString(), "text/csv; charset=utf-8; header=present");
            }

            last = page[^1].MeterId;
        }
    }

    private static async Task<IResult> BillAsync(string runId, string meterId, HttpContext http, Store store)
    {
        await RunAsync(http, store, runId);
        var packed = await store.ReadAsync(db => RunStore.BillAsync(db, http.Caller().Tenant, runId, meterId), http.RequestAborted)
            ?? throw new ProblemException(ErrorClass.NotFound, $"Run '{runId}' has no bill of meter '{meterId}' (yet); GET /v1/billing-runs/{runId}/bills tells why.");
        return BillEndpoint.Written(http, BillArchive.Unpack(packed), []);
    }

    private static async Task<RunRow> RunAsync(HttpContext http, Store store, string runId)
    {
        var run = await store.ReadAsync(db => RunStore.FindAsync(db, http.Caller().Tenant, runId), http.RequestAborted)
            ?? throw new ProblemException(ErrorClass.NotFound, $"There is no billing run '{runId}'; GET /v1/billing-runs lists them.");
        return MaySee(http.Caller(), run) ? run : throw new ProblemException(ErrorClass.AuthzSite, $"Token '{http.Caller().TokenId}' is not for all that billing run '{runId}' bills. Use a token whose sites include it.");
    }

    /// <summary>A run over all sites is for tokens of all sites only.</summary>
    private static bool MaySee(Caller caller, RunRow run) => caller.MayAct(BillingRunRequest.Stored(run.Request).SiteId ?? string.Empty);

    private static async Task<RunResponse> AnswerAsync(HttpContext http, Store store, RunRow run)
    {
        return Answered(run, await store.ReadAsync(db => RunStore.CountsAsync(db, run.Tenant, run.RunId), http.RequestAborted));
    }

    private static RunResponse Answered(RunRow run, IReadOnlyDictionary<string, int> counts)
    {
        int Count(string state) => counts.GetValueOrDefault(state);
        return new RunResponse
        {
            RunId = run.RunId,
            State = run.State,
            Request = JsonDocument.Parse(run.Request).RootElement,
            Total = counts.Values.Sum(),
            Done = Count(RunStore.Done),
            Failed = Count(RunStore.Failed),
            Waiting = Count(RunStore.Waiting) + Count(RunStore.Running),
            Cancelled = Count(RunStore.Cancelled),
            CreatedAt = run.CreatedAt,
            FinishedAt = run.FinishedAt,
        };
    }
}

/// <summary>How far a run is.</summary>
public sealed record RunResponse
{
    public required string RunId { get; init; }

    /// <summary>running, done or cancelled.</summary>
    public required string State { get; init; }

    public required JsonElement Request { get; init; }

    /// <summary>Meters in it.</summary>
    public required int Total { get; init; }

    public required int Done { get; init; }

    /// <summary>Could not be billed; the bills say why.</summary>
    public required int Failed { get; init; }

    public required int Waiting { get; init; }
    public required int Cancelled { get; init; }
    public required Instant CreatedAt { get; init; }
    public Instant? FinishedAt { get; init; }
}

/// <summary>What a meter's bill came to.</summary>
/// <param name="MeterId">Whose.</param>
/// <param name="State">waiting, running, done, failed or cancelled.</param>
/// <param name="Currency">Of the amounts.</param>
/// <param name="Total">Exact.</param>
/// <param name="Payable">Rounded.</param>
/// <param name="Delta">Still due against the run that is resettled; negative = a credit.</param>
/// <param name="Provisional">Intervals or prices are missing or estimated.</param>
/// <param name="DataHash">Content hash of the intervals.</param>
/// <param name="Problem">Why there is no bill.</param>
/// <param name="FinishedAt">When.</param>
public sealed record RunBill(
    string MeterId, string State, string? Currency, string? Total, string? Payable, string? Delta, bool? Provisional, string? DataHash, string? Problem, Instant? FinishedAt)
{
    internal static RunBill From(ResultRow row) => new(
        row.MeterId, row.State, row.Currency, row.Total, row.Payable, row.Delta, row.Provisional is { } flag ? flag != 0 : null, row.DataHash, row.Problem, row.FinishedAt);
}

/// <summary>The body of a cancellation: nothing, or an object without members.</summary>
public sealed record CancelBody;
