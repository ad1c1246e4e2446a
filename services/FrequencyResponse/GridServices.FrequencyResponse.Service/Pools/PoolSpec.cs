using System.Net;
using GridServices.FrequencyResponse.Allocation;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Energy;
using GridServices.FrequencyResponse.Instructions;
using GridServices.FrequencyResponse.Outages;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>Contracts that are stacked on the same assets, ready to run. Immutable.</summary>
/// <param name="Id">Named by the first of its assets.</param>
/// <param name="SiteId">Where all of them are.</param>
/// <param name="Contracts">In the order they were put; a service's index in the controller.</param>
/// <param name="Assets">In order of their routes, so that a channel's set-points lie together; an asset's index in the plan.</param>
/// <param name="Sources">In order of preference; a sample's index in the controller.</param>
/// <param name="Config">The checked settings.</param>
/// <param name="Rules">How its power may be split.</param>
/// <param name="BaselineW">Power without response, W, + = injection.</param>
internal sealed record PoolSpec(
    EntryId Id, string SiteId, IReadOnlyList<PoolContract> Contracts, IReadOnlyList<PoolAsset> Assets, IReadOnlyList<string> Sources,
    ControllerConfig Config, AllocationRules Rules, double BaselineW)
{
    /// <summary>The settings as they are once no de-rating holds any more: what periods ahead are planned with.</summary>
    public ControllerConfig Ahead { get; init; } = Config;

    /// <summary>The same contracts at the same places: the state of one serves the other.</summary>
    public bool Continues(PoolSpec before) =>
        before.Contracts.Count <= Contracts.Count
        && before.Contracts.Zip(Contracts).All(p => p.First.Key == p.Second.Key && p.First.Service.Id == p.Second.Service.Id)
        && before.Sources.SequenceEqual(Sources);

    /// <summary>What a state that was kept under other quantities is to be rescaled by.</summary>
    /// <param name="before">W, in the order of the contracts.</param>
    public IReadOnlyList<double> RatiosTo(IEnumerable<long> before) => [.. before.Zip(Contracts, (watts, c) => (double)watts / c.QuantityW)];
}

/// <summary>A contract in its pool: what of it is to be delivered as things stand, and what was sold.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Settings">Without the windows in which nothing is left, and with the quantity that is left now.</param>
/// <param name="Service">The service.</param>
/// <param name="QuantityW">What is left now.</param>
internal sealed record PoolContract(string Key, ContractSettings Settings, ServiceDefinition Service, long QuantityW)
{
    /// <summary>As it was put.</summary>
    public ContractSettings Sold { get; init; } = Settings;

    /// <summary>Contracted, W.</summary>
    public long SoldW { get; init; } = QuantityW;

    /// <summary>What was declared.</summary>
    public ValueList<OutageStretch> Outages { get; init; } = [];

    /// <summary>The rules of its limited reservoir; null where the service knows none.</summary>
    public (SystemStateRules System, ReservoirRules Reservoir)? Reservoir { get; } =
        SystemStateRules.For(Service) is { } system && ReservoirRules.For(Service) is { } reservoir ? (system, reservoir) : null;

    /// <summary>The same, delivered in the same way.</summary>
    public bool Runs(PoolContract other) =>
        Key == other.Key && Sold == other.Sold && QuantityW == other.QuantityW && Settings.Windows.SequenceEqual(other.Settings.Windows);

    /// <summary>What the grid operator may instruct, now and ahead: the quantity sold, and what is declared of it.</summary>
    public InstructionRules Instructions => InstructionRules.For(PoolParts.Contract(this with { Settings = Sold, QuantityW = SoldW }), Outages);

    /// <summary>What declarations take out of [from, until).</summary>
    public OutageEffect DeclaredIn(Instant from, Instant until) => Outages.Count == 0
        ? new OutageEffect(0, 0, 0, SoldW)
        : DeclaredOutages.Over(Outages, SoldW, Spans(Sold.Windows, from, until), (Sold.Outages ?? new OutageTerms()).Notice);

    /// <summary>What declarations take out of the last so many seconds of a span that were to be delivered.</summary>
    public OutageEffect DeclaredInLast(double seconds, Interval span)
    {
        if (Outages.Count == 0)
        {
            return new OutageEffect(0, 0, 0, SoldW);
        }

        var (rest, last) = (Duration.FromSeconds(seconds), new List<Interval>());
        foreach (var sold in Spans(Settings.Windows, span.Start, span.End).Reverse().TakeWhile(_ => rest > Duration.Zero))
        {
            last.Add(new Interval(Instant.Max(sold.Start, sold.End - rest), sold.End));
            rest -= sold.Duration;
        }

        return DeclaredOutages.Over(Outages, SoldW, last, (Sold.Outages ?? new OutageTerms()).Notice);
    }

    /// <summary>The quantity that it runs with at an instant, W: what is left, or where that is nothing, what is left next.</summary>
    public long QuantityAt(Instant at) => DeclaredOutages.NextAvailable(Outages, SoldW, at);

    /// <summary>With what was declared, at an instant.</summary>
    public PoolContract Under(IEnumerable<Outage> outages, Instant at)
    {
        var declared = outages.SelectMany(o => o.Stretches).ToValueList();
        if (declared.Count == 0)
        {
            return this;
        }

        // Where nothing is left now, the windows say so; they open by the controller's own clock, with what is left then.
        var left = (this with { Outages = declared }).QuantityAt(at);
        var windows = DeclaredOutages.Left(declared, Sold.Windows.Select(w => new Interval(w.From, w.Until ?? PoolParts.Open)))
            .Select(w => new ArmingWindow(w.Start, w.End == PoolParts.Open ? null : w.End)).ToList();
        return this with
        {
            Settings = Sold with { Windows = windows, QuantityW = left, QuantityMw = null },
            QuantityW = left,
            Outages = declared,
        };
    }

    private static IEnumerable<Interval> Spans(IReadOnlyList<ArmingWindow> windows, Instant from, Instant until) => windows
        .Select(w => (From: Instant.Max(w.From, from), Until: Instant.Min(w.Until ?? until, until)))
        .Where(w => w.From < w.Until).Select(w => new Interval(w.From, w.Until));

    /// <summary>The windows that are to be delivered, cut wherever what is left changes.</summary>
    public IEnumerable<ProcuredSpan> Procured => DeclaredOutages.Steps(Outages, SoldW, Settings.Windows.Select(w => new Interval(w.From, w.Until ?? PoolParts.Open)))
        .Where(s => s.LeftW > 0)
        .Select(s => new ProcuredSpan(s.Span.Start, s.Span.End == PoolParts.Open ? null : s.Span.End, s.LeftW));

    /// <summary>Most that the response of a quantity comes to, W: the quantity, or more where the contract lets it.</summary>
    public long ComputeLargestW(long quantityW) => (long)decimal.Ceiling(quantityW * Math.Max(Settings.OverDelivery, Settings.Freedom?.OverFulfilment ?? 1));
}

/// <summary>Procured time of a contract with what is to be delivered in it.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="Until">Exclusive; null = no end.</param>
/// <param name="QuantityW">What is left then, W &gt; 0.</param>
internal sealed record ProcuredSpan(Instant From, Instant? Until, long QuantityW);

/// <summary>An asset in its pool.</summary>
internal sealed record PoolAsset(string Key, AssetSettings Settings, AssetCapability Capability, IPEndPoint? Route);
