using System.Collections.Immutable;
using System.Net.Mime;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Service.Registry;

namespace GridServices.Tariffs.Service.Calculations;

/// <summary><c>POST /v1/comparisons</c>.</summary>
internal static class ComparisonEndpoint
{
    public static void MapComparisons(this IEndpointRouteBuilder routes) => routes
        .MapPost("/v1/comparisons", CompareAsync)
        .RequirePermission(Permission.Settle, Role.Publisher)
        .RepeatsHarmlessly().WithName("compareTariffs")
        .WithTags("Calculations")
        .WithSummary("One load under many tariffs, cheapest first, with the reason")
        .WithDescription("changedIntervals (the load with an event or a battery) adds what the change is worth under each tariff; scenarios does so for several, each as a whole load or as a change to it. Currencies are not mixed.")
        .Accepts<ComparisonRequestBody>(MediaTypeNames.Application.Json)
        .Produces<ComparisonResponse>()
        .RefusesCalculation();

    private static async Task<IResult> CompareAsync(HttpContext http, TariffStore tariffs)
    {
        var body = await http.Request.ReadBodyAsync(Responses.MaxBody, MediaTypeNames.Application.Json);
        var read = ComparisonRequestJson.Read(body, await tariffs.NamedInAsync(body, http.Caller().Tenant, http.RequestAborted));
        return await Responses.CalculateAsync(http, read, request => Responses.Json(new ComparisonResponse(
            [.. request.Ranked().Select((r, i) => Place(r, i, request))], Responses.Warnings(read.Warnings))));
    }

    private static RankedTariff Place(ComparedTariff compared, int index, ComparisonRequest request)
    {
        var worth = request.Worth(compared);
        return new RankedTariff
        {
            Rank = compared.Bill is null ? null : index + 1,
            TariffId = compared.Tariff.Source.Id,
            TariffHash = compared.Tariff.Hash,
            Name = compared.Tariff.Source.Name,
            Currency = compared.Tariff.Source.Currency,
            Total = compared.Bill?.Total,
            Payable = compared.Bill?.Payable,
            AboveCheapest = compared.Bill is null ? null : compared.AboveCheapest,
            Reason = compared.Reason,
            Provisional = compared.Bill?.Provisional,
            Notes = compared.Bill?.Notes ?? [],
            Subtotals = compared.Bill is { } bill ? Enum.GetValues<LineKind>().ToImmutableSortedDictionary(kind => kind, bill.Subtotal) : null,
            Worth = worth,
            WorthTotal = worth?.Values.Sum(),
            Scenarios = [.. request.Outcomes(compared)],
        };
    }
}

/// <summary>Cheapest first; those that cannot be calculated last.</summary>
public sealed record ComparisonResponse(IReadOnlyList<RankedTariff> Ranked, IReadOnlyList<Warning> Warnings);

/// <summary>One tariff's place.</summary>
public sealed record RankedTariff
{
    /// <summary>1 = first; absent where there is no bill.</summary>
    public int? Rank { get; init; }

    public required string TariffId { get; init; }
    public required string TariffHash { get; init; }
    public string? Name { get; init; }
    public required string Currency { get; init; }
    public decimal? Total { get; init; }
    public decimal? Payable { get; init; }

    /// <summary>Above the cheapest of the same currency.</summary>
    public decimal? AboveCheapest { get; init; }

    /// <summary>What makes most of the difference, or why there is no bill.</summary>
    public required string Reason { get; init; }

    /// <summary>The bill will change: readings, prices or calls are missing; absent where there is no bill.</summary>
    public bool? Provisional { get; init; }

    /// <summary>What the bill takes for granted or lacks, as on the bill itself.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    public ImmutableSortedDictionary<LineKind, decimal>? Subtotals { get; init; }

    /// <summary>What the changed load saves, by kind of line; negative = it costs.</summary>
    public ImmutableSortedDictionary<LineKind, decimal>? Worth { get; init; }

    public decimal? WorthTotal { get; init; }

    /// <summary>Every scenario under this tariff.</summary>
    public ImmutableArray<ScenarioOutcome> Scenarios { get; init; } = [];
}
