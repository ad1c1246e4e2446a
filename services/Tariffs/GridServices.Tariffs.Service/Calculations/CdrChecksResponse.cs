using System.Collections.Immutable;
using GridServices.Tariffs.Ocpi;
using GridServices.Tariffs.Requests;

namespace GridServices.Tariffs.Service.Calculations;

/// <summary>CDRs held against their own totals.</summary>
/// <param name="Checked">How many state a total and could be priced.</param>
/// <param name="Agreeing">Of these, how many agree in all that they state.</param>
/// <param name="Refused">How many could not be priced.</param>
/// <param name="Cdrs">In the order of the request.</param>
public sealed record CdrChecksResponse(int Checked, int Agreeing, int Refused, IReadOnlyList<CdrCheckResponse> Cdrs)
{
    internal static CdrChecksResponse From(CdrBatch batch) => new(
        batch.Cdrs.Count(c => c.Check is not null), batch.Cdrs.Count(c => c.Check is { Agrees: true }), batch.Cdrs.Count(c => c.Cost is null), [.. batch.Cdrs.Select(CdrCheckResponse.From)]);
}

/// <summary>One CDR.</summary>
public sealed record CdrCheckResponse
{
    /// <summary>Its place in the request, from 0.</summary>
    public required int Index { get; init; }

    public string? Id { get; init; }

    public string? Currency { get; init; }

    /// <summary>By the tariff, after minimum and maximum price; negative for a credit CDR. Absent where it could not be priced.</summary>
    public OcpiPrice? TotalCost { get; init; }

    /// <summary>Its own totals against that; absent where it states none.</summary>
    public CdrCheck? Check { get; init; }

    /// <summary>What is easily overlooked about its cost, each with a code.</summary>
    public ImmutableArray<OcpiRemark> Remarks { get; init; } = [];

    /// <summary>Why it could not be priced.</summary>
    public required IReadOnlyList<Warning> Refusals { get; init; }

    public required IReadOnlyList<Warning> Warnings { get; init; }

    internal static CdrCheckResponse From(CheckedCdr cdr) => new()
    {
        Index = cdr.Index,
        Id = cdr.Id,
        Currency = cdr.Cost?.Currency,
        TotalCost = cdr.IsCredit ? cdr.Cost?.Credit() : cdr.Cost?.Total,
        Check = cdr.Check,
        Remarks = cdr.Cost?.Remarks ?? [],
        Refusals = Responses.Warnings(cdr.Refusals),
        Warnings = Responses.Warnings(cdr.Warnings),
    };
}
