using GridServices.FrequencyResponse.Evidence;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>Puts into the evidence what each asset measured beside its set-point, minute by minute. The recorder's thread only.</summary>
internal sealed class AssetMeters(ReadingCache cache, EvidenceLogs evidence)
{
    private readonly Dictionary<EntryId, (Pool Pool, AssetMeter Meter)> _meters = [];

    public void Process(Pool pool, in HotRecord record)
    {
        if (!_meters.TryGetValue(pool.Spec.Id, out var held) || !ReferenceEquals(held.Pool, pool))
        {
            // Of the arrangement before, which the running segment still names.
            Close(pool.Spec.Id);
            _meters[pool.Spec.Id] = held = (pool, new AssetMeter(pool.Spec.Assets.Count, RecordedPool.MostAssets));
        }

        var (wall, nanos) = (record.WallNanos, record.NowNanos);
        var commands = (record.Output.Reasons & (ControlReasons.DeviceDefault | ControlReasons.NotWriter)) == ControlReasons.None;
        Write(pool, held.Meter.Process(wall, to => commands && pool.CopySetpoints(to) > 0, i => Reading(pool.Spec.Id.Tenant, pool.Spec.Assets[i], wall - nanos)));
    }

    /// <summary>Nothing more comes of a pool.</summary>
    public void Close(EntryId pool)
    {
        if (_meters.Remove(pool, out var held))
        {
            Write(held.Pool, held.Meter.Close());
        }
    }

    /// <summary>Nothing more comes.</summary>
    public void Close()
    {
        foreach (var pool in _meters.Keys.ToList())
        {
            Close(pool);
        }
    }

    /// <summary>As old as its stamp says; the two clocks of the turn tell when that was.</summary>
    private AssetReading Reading(string tenant, PoolAsset asset, long wallLessMonotonic) =>
        cache.Asset(new EntryId(tenant, asset.Key), asset.Settings.SiteId) is { Reading.NetPowerW: { } import } told
            ? new AssetReading(told.PowerAtNanos + wallLessMonotonic, -import, asset.Settings.Metering == MeteringKind.Meter ? MeterSource.Meter : MeterSource.Telemetry)
            : default;

    private void Write(Pool pool, IReadOnlyList<byte[]> minutes)
    {
        foreach (var minute in minutes)
        {
            evidence.Write(pool, EvidenceKind.Assets, minute);
        }
    }
}
