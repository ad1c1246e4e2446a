using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Reporting;

/// <summary>How a DER does, from telemetry and from what the utility last ordered.</summary>
internal sealed record DerOperatingState
{
    private const byte Connected = 0x1;
    private const byte Available = 0x2;
    private const byte Operating = 0x4;

    // A meter's noise is no operation, and an inverter at dawn doesn't start and stop with each sample.
    private const long RunsAboveW = 20;
    private const long StandsBelowW = 5;
    private const long NoiseW = 10;
    private static readonly Duration Fresh = Duration.FromMinutes(2);

    public required byte GenConnectStatus { get; init; }

    /// <summary>1 off, 2 operational, 100 to 108 the demand response modes.</summary>
    public required byte OperationalMode { get; init; }

    /// <summary>Of the DER, W, + = drawing; null: not measured.</summary>
    public long? PowerW { get; init; }

    public decimal? SocPercent { get; init; }
    public long? HeadroomDownW { get; init; }

    /// <summary>Whether power flows at the assets; between the bounds what was so before stays so. Null: none is measured.</summary>
    public static bool? IsRunning(Measurements measured, Instant now)
    {
        var known = measured.Assets.Values.Where(a => now - a.At <= Fresh && a.NetPowerW is not null).ToList();
        var power = Math.Abs(known.Sum(a => a.NetPowerW ?? 0));
        return known.Count == 0 ? null : power > RunsAboveW || (power >= StandsBelowW && (measured.IsRunning ?? power > NoiseW));
    }

    public static DerOperatingState From(DerClientState state, DerDeviceConfig device, string lfdi, Instant now)
    {
        var measured = state.Line.Measured.GetValueOrDefault(lfdi);
        IReadOnlyList<AssetReading> assets = measured is null ? [] : [.. measured.Assets.Values];
        var fresh = assets.Where(a => now - a.At <= Fresh).ToList();
        var site = measured?.Site;

        // Every DER went silent while the site's meter goes on: they are switched off (CSIP-AUS MUL-01).
        var silent = assets.Count > 0 && fresh.Count == 0 && site is not null && now - site.At <= Fresh;
        long? power = silent ? 0 : fresh.Any(a => a.NetPowerW is not null) ? fresh.Sum(a => a.NetPowerW ?? 0) : null;
        var ordered = state.Devices.GetValueOrDefault(lfdi)?.Ordered ?? new CommandedState(null, null, null);
        var (connected, energized) = (ordered.Connect != false && !silent, ordered.Energize != false && !silent);
        var bits = (connected ? Connected : 0) | (connected && energized ? Available : 0) | (energized && connected ? Operating : 0);

        // CSIP-AUS ALL-08: off means that no power flows; where nobody measures, being connected counts as operating.
        var runs = connected && energized && (power is null || (measured?.IsRunning ?? Math.Abs(power.Value) > NoiseW));
        return new DerOperatingState
        {
            GenConnectStatus = (byte)bits,
            OperationalMode = device.Nameplate.DemandResponse && ordered.DemandResponseMode() is { } mode ? mode : runs ? (byte)2 : (byte)1,
            PowerW = power,
            SocPercent = fresh.Any(a => a.SocPercent is not null) ? fresh.Where(a => a.SocPercent is not null).Average(a => a.SocPercent!.Value) : null,
            HeadroomDownW = fresh.Any(a => a.HeadroomDownW is not null) ? fresh.Sum(a => a.HeadroomDownW ?? 0) : site?.HeadroomDownW,
        };
    }
}
