using System.Collections.Immutable;
using GridServices.Contracts;

namespace GridServices.Tariffs;

/// <summary>One load under many tariffs, and what a changed load would be worth under each.</summary>
public sealed record ComparisonRequest
{
    /// <summary>The load, cycles, account and options; its tariff is the first alternative.</summary>
    public required BillRequest Load { get; init; }

    public required ImmutableArray<CompiledTariff> Alternatives { get; init; }

    /// <summary>The load with an event or a battery.</summary>
    public MeterData? Changed { get; init; }

    public ImmutableArray<ComparedTariff> Ranked() => TariffComparison.Rank(Alternatives, Load.Data, Load.Cycles, Load.Account, Load.Options);

    /// <summary>What the changed load saves under this tariff, by kind of line; null without one, or where it cannot be reckoned.</summary>
    public ImmutableSortedDictionary<LineKind, decimal>? Worth(ComparedTariff tariff)
    {
        if (Changed is null || tariff.Bill is null)
        {
            return null;
        }

        var changed = TariffComparison.Rank([tariff.Tariff], Changed, Load.Cycles, Load.Account, Load.Options)[0].Bill;
        return changed is null ? null : TariffComparison.Worth(tariff.Bill, changed);
    }
}

/// <summary>Reads a bill request in which <c>alternatives</c> stand in the place of the tariff, and <c>changedIntervals</c> may stand beside the intervals.</summary>
public static class ComparisonRequestJson
{
    private const int MostAlternatives = 100;

    public static ReadOutcome<ComparisonRequest> Read(ReadOnlyMemory<byte> json, KnownTariffs? known = null) =>
        RequestDocument.Read(json, (root, problems) => Whole(root, problems, known));

    private static ComparisonRequest? Whole(JsonMember root, ReadProblems problems, KnownTariffs? known)
    {
        var alternatives = root.Member("alternatives")?.Items() ?? [];
        if (alternatives.Length is 0 or > MostAlternatives)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, "/alternatives", $"give 1 to {MostAlternatives} alternatives, each with tariff or tariffId");
            return null;
        }

        var source = new RequestedTariff(root, problems, known);
        ImmutableArray<CompiledTariff> tariffs = [.. alternatives.SelectMany(a => source.Versions(a))];
        if (problems.Any)
        {
            return null;
        }

        var reader = new BillRequestJson(root, problems);
        var load = reader.Of([tariffs[0]]);
        var changed = root.Member("changedIntervals") is null ? null : reader.Intervals("changedIntervals", tariffs[0].Zone);
        return load is null || problems.Any ? null : new ComparisonRequest { Load = load, Alternatives = tariffs, Changed = changed };
    }
}
