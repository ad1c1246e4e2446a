using GridServices.FrequencyResponse.Allocation;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Safety;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Hub;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>What is known of a pool's surroundings, made ready for its controller. Off the hot path.</summary>
internal sealed class PoolConditions(ReadingCache book, OtherLimits limits, Signals signals, Instructed instructed, MonotonicClock clock, IClock wall)
{
    /// <summary>Conditions and plan of a pool as things stand.</summary>
    /// <param name="spec">The pool.</param>
    /// <param name="before">What it goes by now.</param>
    /// <param name="rest">What its site draws beside it.</param>
    /// <param name="switching">What each was told last, and when it went on or off.</param>
    /// <param name="held">A plan that still says what is known; null = make one.</param>
    public (SiteConditions Conditions, AllocationPlan Plan) Compute(PoolSpec spec, in SiteConditions before, RestOfSite rest, Switching switching, AllocationPlan? held = null)
    {
        var telemetry = new AssetTelemetry[spec.Assets.Count];
        for (var i = 0; i < telemetry.Length; i++)
        {
            telemetry[i] = book.Telemetry(new EntryId(spec.Id.Tenant, spec.Assets[i].Key), spec.Assets[i], switching.Setpoints[i], switching.At(i));
        }

        var plan = held ?? AllocationPlan.Build([.. spec.Assets.Select(a => a.Capability)], telemetry, spec.Rules, clock.Nanos);
        var (floor, ceiling) = Room(spec, rest);
        var (energy, at) = Energy(spec, before, telemetry);
        var signal = signals.GetSignal(spec.Id);
        return (before with
        {
            BaselineW = spec.BaselineW,
            FloorW = floor,
            CeilingW = ceiling,
            RaiseHeadroomW = Math.Max(0, plan.CeilingW - spec.BaselineW),
            LowerHeadroomW = Math.Max(0, spec.BaselineW - plan.FloorW),
            EnergyWh = energy,
            EnergyAtNanos = at,
            SignalPu = signal.Pu,
            SignalAtNanos = signal.AtNanos,
            Recalled = signal.Recalled,
            Orders = instructed.GetOrders(spec, wall.GetCurrentInstant()),
            Measured = Measured(spec),
        }, plan);
    }

    public static SiteConditions Start(WriterLease lease) => SiteConditions.Unbound with { Lease = lease };

    /// <summary>The room that other envelopes leave for the pool, next to what the rest of the site draws (architecture law 4).</summary>
    private (double Floor, double Ceiling) Room(PoolSpec spec, RestOfSite rest)
    {
        if (!spec.Contracts.Any(c => c.Settings.HonourLimits))
        {
            return (double.NegativeInfinity, double.PositiveInfinity);
        }

        var site = new EntryId(spec.Id.Tenant, spec.SiteId);
        if (!limits.IsKnown(site))
        {
            // Never heard is not "no limit": a limit that is no number allows nothing.
            return (double.NaN, double.NaN);
        }

        var (import, export) = limits.Now(site);

        var others = Others(spec, site, rest);
        return (
            import is { } most ? others.FloorW(most) : double.NegativeInfinity,
            export is { } feed ? others.CeilingW(feed) : double.PositiveInfinity);
    }

    /// <summary>Net import of the site without the pool. A site that was never measured is the pool alone; one that was, and is silent now, may draw anything.</summary>
    private RestPower Others(PoolSpec spec, EntryId site, RestOfSite rest) =>
        book.SiteNet(site) is { } reading ? rest.Estimate(reading, [.. spec.Assets.Select(a => Power(spec.Id.Tenant, a))])
        : new RestPower(book.WasMeasured(site) ? WattSpan.Unknown : WattSpan.Exactly(0));

    private AssetPower Power(string tenant, PoolAsset asset)
    {
        var told = book.Asset(new EntryId(tenant, asset.Key), asset.Settings.SiteId);
        return new AssetPower(CanW(asset), told is { Reading.NetPowerW: { } net } ? (-net, told.Value.PowerAtNanos) : null, told?.Reading.ManualOverride is true);
    }

    /// <summary>Anything that its assets can do in sum, W, + = injection.</summary>
    public static WattSpan CanW(PoolSpec spec) => spec.Assets.Aggregate(WattSpan.Exactly(0), (sum, asset) => sum + CanW(asset));

    private static WattSpan CanW(PoolAsset asset) => new(-asset.Capability.MaxImportW, asset.Capability.MaxExportW);

    private (double Wh, long AtNanos) Energy(PoolSpec spec, in SiteConditions before, AssetTelemetry[] telemetry)
    {
        if (spec.Config.Settings.Energy is not { } rules)
        {
            return (double.NaN, 0);
        }

        // A state of charge that was only stated counts from the first time it is looked at, then the controller carries it on. The oldest decides.
        var (sum, at) = (0d, long.MaxValue);
        var looked = before.EnergyAtNanos > 0 ? before.EnergyAtNanos : clock.Nanos;
        for (var i = 0; i < telemetry.Length; i++)
        {
            if (spec.Assets[i].Settings is not { EnergyWh: > 0, DischargeMaxW: > 0 })
            {
                continue;
            }

            if (double.IsNaN(telemetry[i].EnergyWh))
            {
                return (double.NaN, 0);
            }

            sum += telemetry[i].EnergyWh;
            at = Math.Min(at, book.Asset(new EntryId(spec.Id.Tenant, spec.Assets[i].Key), spec.Assets[i].Settings.SiteId) is { Reading.SocPercent: not null } told ? told.SocAtNanos : looked);
        }

        // Read again after a restart, an old reading is still old: the clock that ages count on may have begun after it.
        return (clock.Nanos - at <= rules.TelemetryAgeNanos ? sum : double.NaN, at);
    }

    /// <summary>Metered power of all assets; none where one of them has told none. As old as the oldest, as sure as the least sure.</summary>
    private MeasuredPower Measured(PoolSpec spec)
    {
        var (sum, at, source) = (0L, long.MaxValue, MeterSource.Meter);
        foreach (var asset in spec.Assets)
        {
            if (book.Asset(new EntryId(spec.Id.Tenant, asset.Key), asset.Settings.SiteId) is not { Reading.NetPowerW: { } net } told)
            {
                return default;
            }

            (sum, at) = (sum - net, Math.Min(at, told.PowerAtNanos));
            source = asset.Settings.Metering == MeteringKind.Meter ? source : MeterSource.Telemetry;
        }

        return new MeasuredPower(sum, at, source);
    }
}
