using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Requests;

/// <summary>One load under many tariffs, and what a changed load would be worth under each.</summary>
public sealed record ComparisonRequest
{
    /// <summary>The load, cycles, account and options; its tariff is the first alternative.</summary>
    public required BillRequest Load { get; init; }

    public required ImmutableArray<CompiledTariff> Alternatives { get; init; }

    /// <summary>The load with an event or a battery.</summary>
    public MeterData? Changed { get; init; }

    /// <summary>Several of them, by name.</summary>
    public ImmutableArray<Scenario> Scenarios { get; init; } = [];

    public ImmutableArray<ComparedTariff> Ranked() => TariffComparison.Rank(Alternatives, Load.Data, Load.Cycles, Load.Account, Load.Options, Load.Events);

    /// <summary>What the changed load saves under this tariff, by kind of line; null without one, or where it cannot be calculated.</summary>
    public ImmutableSortedDictionary<LineKind, decimal>? Worth(ComparedTariff tariff) => Changed is null ? null : Calculated(tariff, Changed)?.Worth;

    /// <summary>Every scenario under this tariff, in the order given; those that cannot be calculated are left out.</summary>
    public IEnumerable<ScenarioOutcome> Outcomes(ComparedTariff tariff) =>
        from scenario in Scenarios
        let calculated = Calculated(tariff, scenario.Data)
        where calculated is not null
        select new ScenarioOutcome(scenario.Name, calculated.Value.Bill.Total, calculated.Value.Worth, calculated.Value.Worth.Values.Sum());

    private (Bill Bill, ImmutableSortedDictionary<LineKind, decimal> Worth)? Calculated(ComparedTariff tariff, MeterData changed) =>
        tariff.Bill is { } before && TariffComparison.Rank([tariff.Tariff], changed, Load.Cycles, Load.Account, Load.Options, Load.Events)[0].Bill is { } after
            ? (after, TariffComparison.Worth(before, after))
            : null;
}

/// <summary>A what-if load.</summary>
public sealed record Scenario(string Name, MeterData Data);

/// <summary>What a scenario comes to under one tariff.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Total">The bill.</param>
/// <param name="Worth">What it saves, by kind of line; negative = it costs.</param>
/// <param name="WorthTotal">In all.</param>
public sealed record ScenarioOutcome(string Name, decimal Total, ImmutableSortedDictionary<LineKind, decimal> Worth, decimal WorthTotal);

/// <summary>
/// Reads a bill request in which <c>alternatives</c> stand in the place of the tariff, and <c>changedIntervals</c> or <c>scenarios: [{name,
/// intervals|change}]</c> may stand beside the intervals.
/// </summary>
public static class ComparisonRequestJson
{
    private const int MostAlternatives = 100;
    private const int MostScenarios = 20;

    public static ReadResult<ComparisonRequest> Read(ReadOnlyMemory<byte> json, KnownTariffs? known = null) =>
        RequestDocument.Read(json, typeof(ComparisonRequestBody), (root, problems) => ReadRequest(root, problems, known));

    private static ComparisonRequest? ReadRequest(JsonMember root, ReadProblems problems, KnownTariffs? known)
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
        var load = reader.ReadFor([tariffs[0]], tariffs);
        var changed = root.Member("changedIntervals") is null ? null : reader.Intervals("changedIntervals", tariffs[0].Zone);
        var scenarios = load is null || root.Member("scenarios") is not { } listed ? [] : Scenarios(listed, reader, load, problems);
        return load is null || problems.Any ? null : new ComparisonRequest { Load = load, Alternatives = tariffs, Changed = changed, Scenarios = scenarios };
    }

    private static ImmutableArray<Scenario> Scenarios(JsonMember listed, BillRequestJson reader, BillRequest load, ReadProblems problems)
    {
        var items = listed.Items();
        if (items.Length > MostScenarios)
        {
            problems.Refuse(ErrorClass.LimitCount, listed.Pointer, $"at most {MostScenarios} scenarios");
            return [];
        }

        var scenarios = ImmutableArray.CreateBuilder<Scenario>(items.Length);
        foreach (var item in items)
        {
            var name = item.Member("name") is { IsText: true } text ? text.Text() : string.Empty;
            if (name.Length is 0 or > 200)
            {
                problems.Refuse(ErrorClass.SchemaInvalid, $"{item.Pointer}/name", "missing: what the scenario is called, 1 to 200 characters");
            }

            if (Changed(item, reader, load, problems) is { } data)
            {
                scenarios.Add(new Scenario(name, data));
            }
        }

        return scenarios.ToImmutable();
    }

    private static MeterData? Changed(JsonMember item, BillRequestJson reader, BillRequest load, ReadProblems problems)
    {
        var (net, zone) = (load.Data.Net, load.Tariffs[0].Zone);
        if (item.Member("change") is not { } change)
        {
            return item.Member("intervals") is { } whole
                ? reader.Read(whole, zone)
                : Refused(problems, item.Pointer, "give intervals (the whole load) or change (kW or kWh added to each interval of the load)");
        }

        var added = new InlineIntervals(zone, problems).OnGrid(change, net);
        return added is null ? null
            : added.Unit != net.Unit || added.Count != net.Count ? Refused(problems, change.Pointer, $"the change has one number per interval of the load, in its unit: {net.Count} of {net.Unit}")
            : load.Data with { Net = net.Plus(added) };
    }

    private static MeterData? Refused(ReadProblems problems, string at, string detail)
    {
        problems.Refuse(ErrorClass.SchemaInvalid, at, detail);
        return null;
    }
}
