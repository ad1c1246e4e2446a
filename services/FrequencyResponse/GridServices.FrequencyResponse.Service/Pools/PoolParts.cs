using System.Net;
using GridServices.FrequencyResponse.Allocation;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Energy;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Wire;
using NodaTime;
using AssetKind = GridServices.FrequencyResponse.Allocation.AssetKind;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>What people write, as the controller takes it.</summary>
internal static class PoolParts
{
    private const int ThreePhases = 3;

    /// <summary>A window without an end, as the controller takes it: the last year that an instant of ours may lie in.</summary>
    internal static readonly Instant Open = Instant.FromUtc(Contracts.TimeText.LastYear, 1, 1, 0, 0);

    public static PoolAsset Asset(string key, AssetSettings asset) => new(
        key,
        asset,
        new AssetCapability
        {
            Id = key,
            Kind = asset.Kind switch
            {
                Registry.AssetKind.Bess => AssetKind.Storage,
                Registry.AssetKind.V2g => AssetKind.BidirectionalCharger,
                _ => AssetKind.Charger,
            },
            MaxImportW = (int)Math.Min(asset.ChargeMaxW, asset.Steps is { } most ? (long)most.MaxA * most.Volts * PhaseCount(asset.Phases) : long.MaxValue),
            MaxExportW = (int)asset.DischargeMaxW,
            Phases = asset.Phases switch { PhaseSet.L1 => Phases.L1, PhaseSet.L2 => Phases.L2, PhaseSet.L3 => Phases.L3, _ => Phases.All },
            LatencyNanos = asset.LatencyMs * 1_000_000L,
            RampWPerS = asset.RampWPerS,
            FloorAmps = asset.Steps?.MinA ?? 0,
            StepAmps = asset.Steps?.StepA ?? 0,
            VoltageV = asset.Steps?.Volts ?? 230,
            MinOnNanos = asset.MinOnSeconds * 1_000_000_000L,
            MinOffNanos = (asset.MinOffSeconds ?? asset.MinOnSeconds) * 1_000_000_000L,
        },
        asset.Setpoint is { } route ? new IPEndPoint(IPAddress.Parse(route.Host), route.Port) : null);

    public static SourceConfig Source(string key, SourceSettings source) => new()
    {
        Name = key,
        PeriodNanos = source.Period.ToInt64Nanoseconds(),
        PathNanos = source.Path.ToInt64Nanoseconds(),
        ResolutionHz = (double)source.ResolutionHz,
        StampsTrusted = source.StampsTrusted,
        VoltageRequired = source.VoltageRequired,
        AcceptSimulated = source.AcceptSimulated,
    };

    public static ServiceContract Contract(PoolContract contract) => new()
    {
        Id = contract.Key,
        Service = contract.Service,
        QuantityW = contract.QuantityW,
        Windows = contract.Settings.Windows.Select(w => new Interval(w.From, w.Until ?? Open)).ToValueList(),
        Shaping = contract.Settings.TotalDelay is { } delay
            ? Response.ServiceDefaults.Shaping(contract.Service) with { TotalDelayNanos = delay.ToInt64Nanoseconds() }
            : null,
        Switched = ResponseParts.Switched(contract.Settings.Switched, contract.Service),
        Freedom = ResponseParts.Freedom(contract.Settings.Freedom),
        OverDelivery = (double)contract.Settings.OverDelivery,
        RelaySteps = contract.Settings.RelaySteps,
        SignalAgeLimit = Duration.FromSeconds((double?)contract.Settings.Signal?.LostAfterSeconds ?? contract.Service.SampleAgeLimitSeconds ?? 10),
        SignalLost = ResponseParts.SignalLost(contract.Settings.Signal),
    };

    /// <summary>The store behind the contracts; null where no asset holds a known energy.</summary>
    public static EnergyRules? Energy(IReadOnlyList<PoolContract> contracts, IReadOnlyList<PoolAsset> assets)
    {
        var stores = assets.Where(a => a.Settings.EnergyWh > 0 && a.Settings.DischargeMaxW > 0).ToList();
        if (stores.Count == 0)
        {
            return null;
        }

        double capacity = stores.Sum(a => a.Settings.EnergyWh);

        // Half of the loss on the way in, half on the way out.
        var oneWay = Math.Sqrt((double)(stores.Sum(a => a.Settings.RoundTripEfficiency * a.Settings.EnergyWh) / stores.Sum(a => a.Settings.EnergyWh)));
        return new EnergyRules
        {
            Scheme = Scheme(contracts),

            // One contract of the pool whose operator does not submit it is enough to leave the baseline alone.
            SubmitsBaseline = contracts.Where(c => c.Service.Settlement == SettlementRule.GbDynamic).All(c => c.Settings.SubmitsBaseline),
            WholePool = stores.Count == assets.Count,
            CapacityWh = capacity,

            // What stays in for ever; a vehicle's need grows towards its departure and bounds its own power (see ReadingCache).
            FloorWh = stores.Where(a => a.Settings.Departure is null).Sum(a => a.Settings.NeededWh ?? 0),
            ChargeEfficiency = oneWay,
            DischargeEfficiency = oneWay,
        };
    }

    private static EnergyScheme Scheme(IReadOnlyList<PoolContract> contracts)
    {
        var rules = contracts.Select(c => c.Service.Settlement).ToHashSet();
        return rules.Contains(SettlementRule.GbDynamic) ? EnergyScheme.GreatBritain
            : !rules.Contains(SettlementRule.NordicFcr) ? EnergyScheme.Floors

            // FCR-N acts both ways, FCR-D one way.
            : contracts.Any(c => c.Service.Settlement == SettlementRule.NordicFcr && c.Service.Direction == ResponseDirection.Both) ? EnergyScheme.NordicNormal
            : EnergyScheme.NordicDisturbance;
    }

    private static int PhaseCount(PhaseSet phases) => phases == PhaseSet.Three ? ThreePhases : 1;
}
