using System.Collections.Concurrent;
using GridServices.FrequencyResponse.Allocation;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Safety;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Hub;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>What is known of a pool's surroundings, made ready for its controller. Off the hot path.</summary>
internal sealed class PoolConditions(ReadingCache cache, OtherLimits limits, Signals signals, Instructed instructed, MonotonicClock clock, IClock wall)
{
    private readonly ConcurrentDictionary<EntryId, SiteRoom> _rooms = new();

    /// <summary>Conditions, plan and room of a pool as things stand.</summary>
    /// <param name="spec">The pool.</param>
    /// <param name="before">What it goes by now.</param>
    /// <param name="rest">What is known of its own power, and was told to it.</param>
    /// <param name="switching">What each was told last, and when it went on or off.</param>
    /// <param name="held">A plan that still says what is known; null = make one.</param>
    /// <param name="others">The other pools of its site.</param>
    public (SiteConditions Conditions, AllocationPlan Plan, PoolRoom Room) Compute(
        PoolSpec spec, in SiteConditions before, RestOfSite rest, Switching switching, AllocationPlan? held = null, IReadOnlyList<(PoolSpec Spec, RestOfSite Own)>? others = null)
    {
        var telemetry = new AssetTelemetry[spec.Assets.Count];
        for (var i = 0; i < telemetry.Length; i++)
        {
            telemetry[i] = cache.Telemetry(new EntryId(spec.Id.Tenant, spec.Assets[i].Key), spec.Assets[i], switching.Setpoints[i], switching.At(i));
        }

        var plan = held ?? AllocationPlan.Build([.. spec.Assets.Select(a => a.Capability)], telemetry, spec.Rules, clock.Nanos);
        var room = FindRoom(spec, rest, [.. (others ?? []).Where(o => Honours(o.Spec))], plan);
        var (energy, at) = Energy(spec, before, telemetry);
        var signal = signals.GetSignal(spec.Id);
        return (before with
        {
            BaselineW = spec.BaselineW,
            FloorW = room.FloorW,
            CeilingW = room.CeilingW,
            RaiseHeadroomW = Math.Max(0, plan.CeilingW - spec.BaselineW),
            LowerHeadroomW = Math.Max(0, spec.BaselineW - plan.FloorW),
            EnergyWh = energy,
            EnergyAtNanos = at,
            SignalPu = signal.Pu,
            SignalAtNanos = signal.AtNanos,
            Recalled = signal.Recalled,
            Orders = instructed.GetOrders(spec, wall.GetCurrentInstant()),
            Measured = Measured(spec),
        }, plan, room);
    }

    /// <summary>Only these pools are left, each at its site; what the others held is free.</summary>
    public void Keep(IEnumerable<(EntryId Site, EntryId Pool)> pools)
    {
        var left = pools.ToLookup(p => p.Site, p => p.Pool);
        foreach (var (site, room) in _rooms)
        {
            if (!room.Keep(left[site].ToHashSet()))
            {
                _rooms.TryRemove(site, out _);
            }
        }
    }

    /// <summary>What a pool held at a site is free.</summary>
    public void Release(EntryId site, EntryId pool)
    {
        if (_rooms.TryGetValue(site, out var room))
        {
            room.Release(pool);
        }
    }

    /// <summary>Which of its assets were never measured, by their index; empty where each was.</summary>
    public bool[] FindNever(PoolSpec spec)
    {
        var never = spec.Assets.Select(a => cache.Asset(new EntryId(spec.Id.Tenant, a.Key), a.Settings.SiteId) is not { Reading.NetPowerW: not null }).ToArray();
        return Array.Exists(never, n => n) ? never : [];
    }

    public static SiteConditions Start(WriterLease lease) => SiteConditions.Unbound with { Lease = lease };

    /// <summary>The room that other envelopes leave for the pool, next to what the rest of the site and its other pools draw (architecture law 4).</summary>
    private PoolRoom FindRoom(PoolSpec spec, RestOfSite rest, IReadOnlyList<(PoolSpec Spec, RestOfSite Own)> others, AllocationPlan plan)
    {
        var site = new EntryId(spec.Id.Tenant, spec.SiteId);
        var room = _rooms.GetOrAdd(site, _ => new SiteRoom());
        if (!Honours(spec))
        {
            room.Release(spec.Id);
            return PoolRoom.Unlimited;
        }

        if (!limits.IsKnown(site))
        {
            // Never heard is not "no limit": a limit that is no number allows nothing.
            room.Take(spec.Id, default(RoomPart), default(RoomPart));
            return PoolRoom.Unheard;
        }

        var (import, export) = limits.Now(site);
        if (import is null && export is null)
        {
            room.Take(spec.Id, null, null);
            return PoolRoom.Unlimited;
        }

        var all = others.Prepend((Spec: spec, Own: rest)).ToList();
        var (beside, unseen) = Others(site, room, all);
        var now = wall.GetCurrentInstant();
        var (raiseW, lowerW, isOwed) = room.Take(spec.Id, Part(export is { } feed ? beside.Ceiling(feed) : null, raise: true), Part(import is { } draw ? beside.Floor(draw) : null, raise: false));
        var (keptImport, keptExport) = FindKept([.. spec.Assets.Select(a => a.Capability)], plan, rest.Never);

        // What is not known is no number, and allows nothing.
        var isUnknown = double.IsNaN(beside.W.Least);
        return new PoolRoom(isUnknown && import is not null ? double.NaN : -Math.Max(0, lowerW - keptImport), isUnknown && export is not null ? double.NaN : Math.Max(0, raiseW - keptExport))
        {
            ImportLimitW = import,
            ExportLimitW = export,
            Rest = beside,
            IsMeasured = cache.WasMeasured(site),
            Pools = all.Count,
            Unseen = unseen[0] && rest.Never.Length > 0 ? spec.Assets[Array.IndexOf(rest.Never, true)].Key : null,
            KeptImportW = keptImport,
            KeptExportW = keptExport,
            IsOwed = isOwed,
            Unknown = isUnknown ? "the site's net power is not measured any more" : null,
        };

        RoomPart? Part((double MostW, double LikelyW)? whole, bool raise) => whole is not { } known ? null
            : double.IsNaN(known.MostW) ? default(RoomPart)
            : new RoomPart(RoomDivision.Divide(known, [.. all.Select((p, i) => new RoomClaim(all.Count == 1 ? 1 : RoomDemand.Compute(p.Spec, raise, now), unseen[i]))])[0], known.MostW);
    }

    private static bool Honours(PoolSpec spec) => spec.Contracts.Any(c => c.Settings.HonourLimits);

    /// <summary>
    /// Net import of the site without its pools, and which of them nobody sees. A site that was never measured is the pools alone; one that was, and is silent now, may draw anything.
    /// </summary>
    private (RestPower Beside, IReadOnlyList<bool> Unseen) Others(EntryId site, SiteRoom room, List<(PoolSpec Spec, RestOfSite Own)> pools)
    {
        if (cache.SiteNet(site) is not { } reading)
        {
            return (new RestPower(cache.WasMeasured(site) ? WattSpan.Unknown : WattSpan.Exactly(0)), new bool[pools.Count]);
        }

        var own = pools.ConvertAll(p => p.Own.Estimate(reading, () => [.. p.Spec.Assets.Select(a => Power(p.Spec.Id.Tenant, a))]));
        return (room.Estimate(reading, own), own.ConvertAll(o => o.IsUnseen));
    }

    /// <summary>
    /// What may be set the other way by assets that may not do it, at whatever sum: nobody sees whether it is there. At no power in sum, and more where a battery makes up for
    /// chargers that stand on a step beyond the sum. W ≥ 0, of the room to draw and of that to inject.
    /// </summary>
    internal static (double ImportW, double ExportW) FindKept(IReadOnlyList<AssetCapability> assets, AllocationPlan plan, bool[] never)
    {
        if (never.Length == 0)
        {
            return (0, 0);
        }

        var none = new int[never.Length];
        var told = ToldPower.Create(plan.Allocate(0, none).GivenW, none, never).UnseenW;
        var (import, export, against) = (told.Most, -told.Least, plan.MostAgainstW);
        if (against == 0)
        {
            return (import, export);
        }

        // Such a battery goes back from what it does without a response, not from what it does at no power.
        var steady = new int[never.Length];
        plan.Allocate(plan.BaseW, steady);
        for (var i = 0; i < never.Length; i++)
        {
            if (never[i] && (assets[i].Kind == Allocation.AssetKind.Storage || assets[i].StepAmps == 0))
            {
                import += Math.Max(0, Math.Max(0, steady[i]) - Math.Max(0, none[i]));
                export += Math.Max(0, Math.Max(0, -steady[i]) - Math.Max(0, -none[i]));
            }
        }

        return (import + against, export + against);
    }

    private AssetPower Power(string tenant, PoolAsset asset)
    {
        var told = cache.Asset(new EntryId(tenant, asset.Key), asset.Settings.SiteId);
        return new AssetPower(CanW(asset), told is { Reading.NetPowerW: { } net } ? (-net, told.Value.PowerAtNanos) : null, told?.Reading.ManualOverride is true);
    }

    /// <summary>Anything that its assets can do, W, + = injection: of a pool that commands nothing.</summary>
    public static ToldPower CanDo(PoolSpec spec, bool[] never)
    {
        var (seen, unseen) = (WattSpan.Exactly(0), WattSpan.Exactly(0));
        for (var i = 0; i < spec.Assets.Count; i++)
        {
            var can = CanW(spec.Assets[i]);
            (seen, unseen) = i < never.Length && never[i] ? (seen, unseen + can) : (seen + can, unseen);
        }

        return new ToldPower(seen, unseen);
    }

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
            at = Math.Min(at, cache.Asset(new EntryId(spec.Id.Tenant, spec.Assets[i].Key), spec.Assets[i].Settings.SiteId) is { Reading.SocPercent: not null } told ? told.SocAtNanos : looked);
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
            if (cache.Asset(new EntryId(spec.Id.Tenant, asset.Key), asset.Settings.SiteId) is not { Reading.NetPowerW: { } net } told)
            {
                return default;
            }

            (sum, at) = (sum - net, Math.Min(at, told.PowerAtNanos));
            source = asset.Settings.Metering == MeteringKind.Meter ? source : MeterSource.Telemetry;
        }

        return new MeasuredPower(sum, at, source);
    }
}
