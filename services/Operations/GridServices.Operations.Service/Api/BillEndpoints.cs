using GridServices.Contracts;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Money;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Money;
using NodaTime;

namespace GridServices.Operations.Service.Api;

/// <summary>Bills of meters by month, their runs, and what is made of a bill: shares of sessions, the comparison with the utility's invoice, ledger lines.</summary>
internal static class BillEndpoints
{
    private const string Csv = MoneyCsv.MediaType;

    internal static void MapBills(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1").WithTags("Bills").AddEndpointFilter<RouteGroupBuilder, FormRefusals>();
        group.MapGet("/bills", ListAsync).Needs(UserPermission.SeeBills).WithName("listBills").WithSummary("The bills of a month, meter point by meter point")
            .WithDescription("state says whether there is a bill and whether everything in it was measured; where there is none, payable is absent and never 0.").Produces<Page<BillAnswer>>();
        group.MapPost("/bills", StartAsync).Needs(UserPermission.RunBilling).WithName("startBills").WithSummary("Make the bills of a month, by a billing run at the Tariffs service")
            .WithDescription("The run goes on by itself; GET the bills to see how far it is. With resettles each bill says what is still due against that run.")
            .Accepts<StartBillsBody>(OperationsWire.Json).Produces<BillRun>(StatusCodes.Status202Accepted).PointsToWork().TakesIdempotencyKey().Refuses(ErrorClass.UnknownId);
        group.MapGet("/billing-runs", RunsAsync).Needs(UserPermission.RunBilling).WithName("listBillingRuns").WithSummary("Billing runs that cover a month, the latest first")
            .WithDescription("As the Tariffs service tells them: total, done, failed, waiting.").Produces<BillRunList>();
        group.MapGet("/ledger", LedgerAsync).Needs(UserPermission.SeeBills).WithName("getLedger").WithSummary("What of a month can be booked, as CSV")
            .WithDescription("Bills in which everything was measured, and final settlements (negative: the customer gets it). What is provisional is not in it.").Produces<string>(StatusCodes.Status200OK, Csv);
        group.MapGet("/bills/{meterPointId}/{month}", GetAsync).Needs(UserPermission.SeeBills).WithName("getBill").WithSummary("A meter's bill of a month: every line with its formula and the interval that set a peak")
            .WithDescription("The bill of the newest billing run. Where there is none, or readings are missing, state and problem say so.").Produces<BillAnswer>(StatusCodes.Status200OK, OperationsWire.Json, Csv);
        group.MapPost("/bills/{meterPointId}/{month}/comparison", CompareAsync).Needs(UserPermission.SeeBills).RepeatsHarmlessly().WithName("compareInvoice").WithSummary("Hold the bill against the utility's own invoice, line by line")
            .WithDescription("The invoice's lines as JSON, or as CSV with the head name,amount and, where known, kind,period,quantity,unit,rate. Each difference with its likely reason; the differences sum to the whole. Nothing is stored.")
            .Accepts<InvoiceBody>(OperationsWire.Json, Csv).Produces<InvoiceComparison>(StatusCodes.Status200OK, OperationsWire.Json, Csv).Refuses(ErrorClass.Conflict);
    }

    private static async Task<IResult> ListAsync(HttpContext http, BillAccess access, BillReader bills, string? month = null, string? after = null, string? limit = null)
    {
        var (actor, of) = (http.Actor(), BillAccess.Month(month));
        var page = await access.PageAsync(actor, UserPermission.SeeBills, after, Paging.Parse(after, limit ?? "100")!.Limit, http.RequestAborted);
        return OperationsWire.Answer(new Page<BillAnswer>(await bills.ListAsync(actor.Tenant, page.Items, of, http.RequestAborted), page.Next));
    }

    private static async Task<IResult> StartAsync(HttpContext http, BillAccess access, BillRuns runs)
    {
        var body = await http.Request.ReadBodyAsync(OperationsWire.MaxBody, OperationsWire.Json);
        var (actor, read) = (http.Actor(), OperationsWire.Read<StartBillsBody>(body));
        var meters = new List<MeterPoint>();
        foreach (var id in read.MeterPointIds ?? [])
        {
            meters.Add((await access.RequireAsync(actor, id, UserPermission.RunBilling, http.RequestAborted)).Meter);
        }

        IReadOnlyList<MeterPoint> all = read.MeterPointIds is null ? await access.ListAsync(actor, UserPermission.RunBilling, http.RequestAborted) : meters;

        // Started before our own transaction: Tariffs holds the key itself, so the same request starts one run whatever comes between.
        var key = IdempotencyKey.Read(http, body.Span);
        var run = await runs.StartAsync(actor.Tenant, all, read.Month, read.Resettles, key is null ? null : $"{key.Tenant}\n{key.Key}\n{key.Sha256}", http.RequestAborted);
        return await http.OnceAsync(body, async transaction =>
        {
            await BillRuns.AuditAsync(transaction, run, all, read.Month);
            return PostAnswer.Accepted($"/v1/bills?month={NodaTime.Text.YearMonthPattern.Iso.Format(read.Month)}", run);
        });
    }

    private static async Task<IResult> RunsAsync(HttpContext http, BillAccess access, BillReader bills, string? month = null)
    {
        var actor = http.Actor();
        var runs = (await bills.RunsAsync(actor.Tenant, BillAccess.Month(month), http.RequestAborted)).Require();
        if (await access.ShownAsync(actor, UserPermission.RunBilling, http.RequestAborted) is null)
        {
            return OperationsWire.Answer(new BillRunList(runs));
        }

        // Who may bill some sites only sees the runs that name nothing else.
        var own = (await access.ListAsync(actor, UserPermission.RunBilling, http.RequestAborted)).Select(BillReader.FindKey).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return OperationsWire.Answer(new BillRunList([.. runs.Where(r => r.Request.Meters.Count > 0 && r.Request.Meters.All(own.Contains))]));
    }

    private static async Task<IResult> LedgerAsync(HttpContext http, Ledger ledger, string? month = null) =>
        Results.Text(LedgerLines.ToCsv(await ledger.ReadAsync(http.Actor(), BillAccess.Month(month), http.RequestAborted)), Csv);

    private static async Task<IResult> GetAsync(string meterPointId, string month, HttpContext http, BillAccess access, BillReader bills, string? format = null)
    {
        var answer = await RequireAsync(meterPointId, month, http, access, bills);
        return format switch
        {
            null or "json" => OperationsWire.Answer(answer),
            "csv" => Results.Text(MoneyCsv.Bill(answer), Csv),
            _ => throw new ProblemException(ErrorClass.SemanticCode, "format is json or csv.", "format"),
        };
    }

    private static async Task<IResult> CompareAsync(string meterPointId, string month, HttpContext http, BillAccess access, BillReader bills, string? format = null)
    {
        var bill = await RequireAsync(meterPointId, month, http, access, bills);
        return UtilityLines.Answer(InvoiceLines.Compare(bill, await UtilityLines.ReadAsync(http)), format);
    }

    private static async Task<BillAnswer> RequireAsync(string meterPointId, string month, HttpContext http, BillAccess access, BillReader bills)
    {
        var actor = http.Actor();
        var (meter, _) = await access.RequireAsync(actor, meterPointId, UserPermission.SeeBills, http.RequestAborted);
        return await bills.ReadAsync(actor.Tenant, meter, BillAccess.Month(month), http.RequestAborted);
    }
}

/// <summary>Which bills to make.</summary>
public sealed record StartBillsBody
{
    /// <summary>In which the billing cycles begin, such as 2027-07.</summary>
    public required YearMonth Month { get; init; }

    /// <summary>Absent: all that the caller may bill.</summary>
    public IReadOnlyList<string>? MeterPointIds { get; init; }

    /// <summary>An earlier run: each bill then says what is still due.</summary>
    public string? Resettles { get; init; }
}

/// <summary>The utility's invoice.</summary>
/// <param name="Lines">Without sums.</param>
public sealed record InvoiceBody(IReadOnlyList<InvoiceLine> Lines);

/// <summary>Billing runs.</summary>
/// <param name="Items">The latest first.</param>
public sealed record BillRunList(IReadOnlyList<BillRun> Items);
