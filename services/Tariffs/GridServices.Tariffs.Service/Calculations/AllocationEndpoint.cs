using System.Collections.Immutable;
using System.Net.Mime;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Allocation;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Service.Registry;

namespace GridServices.Tariffs.Service.Calculations;

/// <summary><c>POST /v1/allocations</c>.</summary>
internal static class AllocationEndpoint
{
    public static void MapAllocations(this IEndpointRouteBuilder routes) => routes
        .MapPost("/v1/allocations", AllocateAsync)
        .RequirePermission(Permission.Settle, Role.Publisher)
        .RepeatsHarmlessly().WithName("allocateBill")
        .WithTags("Calculations")
        .WithSummary("A site's bill split among sessions or tenants, to the cent")
        .WithDescription("Energy by own use in each period; demand by method: energyShare, coincidentPeak, nonCoincidentPeak, shapley, marginal. What no user accounts for is (site). paid adds the margin of each user, station the margin of each station. "
            + "In place of users, or beside them, sessions (rows, CSV or OCPI CDRs, up to 200,000 as the body has room) are shared the bill by the time in which their energy flowed, and summed up in byUser. A session under way has an estimated share. "
            + "explain names users or sessions whose shares reasons explains line by line: rule, hours, windows, calls.")
        .Accepts<AllocationRequestBody>(MediaTypeNames.Application.Json)
        .Produces<AllocationResponse>()
        .RefusesCalculation();

    private static async Task<IResult> AllocateAsync(HttpContext http, TariffStore tariffs)
    {
        var body = await http.Request.ReadBodyAsync(Responses.MaxBody, MediaTypeNames.Application.Json);
        var known = await tariffs.NamedInAsync(body, http.Caller().Tenant, http.RequestAborted);
        return await Responses.CalculateAsync(http, () => AllocationRequestJson.Read(body, known), (request, warnings) =>
        {
            var (bill, costs, reasons) = request.Split();
            return Responses.Json(new AllocationResponse(
                bill.Currency, bill.Payable, request.Method, [.. costs.Select(c => Share(c, request))], request.ByStation(costs), bill.TariffHashes, bill.DataHash, Responses.Warnings(warnings))
            {
                Provisional = bill.Provisional || costs.Any(c => c.MissingIntervals > 0) || request.HasEstimates,
                Notes = bill.Notes,
                ByUser = request.ByOwner(costs),
                Reasons = reasons,
            });
        });
    }

    private static UserShare Share(UserCost cost, AllocationRequest request)
    {
        var session = request.Sessions.GetValueOrDefault(cost.Id);
        decimal? paid = request.Paid.TryGetValue(cost.Id, out var known) ? known : null;
        return new UserShare(cost.Id, cost.Kwh, cost.Exact, cost.Payable, paid, paid is { } p ? cost.Margin(p) : null)
        {
            User = session?.User,
            Station = request.Stations.GetValueOrDefault(cost.Id),
            Estimated = session?.IsUnderWay == true,
            MissingIntervals = cost.MissingIntervals,
            ErrorBound = cost.ErrorBound > 0 ? decimal.Round(cost.ErrorBound, 6) : null,
        };
    }
}

/// <summary>The shares sum to <paramref name="Payable"/>.</summary>
public sealed record AllocationResponse(
    string Currency,
    decimal Payable,
    DemandAllocationMethod Method,
    IReadOnlyList<UserShare> Users,
    ImmutableArray<StationCost> Stations,
    ImmutableArray<string> TariffHashes,
    string? DataHash,
    IReadOnlyList<Warning> Warnings)
{
    /// <summary>The bill is provisional, a reading of a user is missing, or a session is under way: the shares will change.</summary>
    public required bool Provisional { get; init; }

    /// <summary>What the bill takes for granted or lacks, as on the bill itself.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Sessions summed up by who charged, where their user is known.</summary>
    public ImmutableArray<OwnerCost> ByUser { get; init; } = [];

    /// <summary>Why those of <c>explain</c> pay what they pay.</summary>
    public ImmutableArray<CostReason> Reasons { get; init; } = [];
}

/// <summary>What one user caused.</summary>
/// <param name="Id">The user; <c>(site)</c> = what no user accounts for.</param>
/// <param name="Kwh">Own energy.</param>
/// <param name="Exact">Parts by kind of line, not rounded.</param>
/// <param name="Payable">To the cent.</param>
/// <param name="Paid">What it paid, where told; absent of a session that lies partly outside of the site's data.</param>
/// <param name="Margin">Paid less caused; of a session under way an estimate.</param>
public sealed record UserShare(string Id, decimal Kwh, ImmutableSortedDictionary<LineKind, decimal> Exact, decimal Payable, decimal? Paid, decimal? Margin)
{
    /// <summary>Who charged, of a session.</summary>
    public string? User { get; init; }

    /// <summary>The station, where it is known.</summary>
    public string? Station { get; init; }

    /// <summary>A session under way: what it draws from here on is not in its share, which is never final.</summary>
    public bool Estimated { get; init; }

    /// <summary>Intervals without a reading; what was used in them is paid by <c>(site)</c>.</summary>
    public int MissingIntervals { get; init; }

    /// <summary>Shapley shares that were sampled: the likely error of its demand part (95 %), in money, before riders and taxes; absent = exact.</summary>
    public decimal? ErrorBound { get; init; }
}
