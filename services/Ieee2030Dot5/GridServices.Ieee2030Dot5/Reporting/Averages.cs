using System.Collections.Immutable;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Reporting;

/// <summary>Averages of what the hub's telemetry says, over intervals aligned to the posting rate.</summary>
internal static class Averages
{
    private static readonly Duration ClockTolerance = Duration.FromMinutes(1);
    private static readonly ImmutableArray<MirrorRole> Roles = [MirrorRole.Site, MirrorRole.Der];

    public static IEnumerable<MirrorRole> GetRoles(DerReporting reporting) => !reporting.Enabled
        ? []
        : Roles.Where(r => r == MirrorRole.Site ? reporting.Site : reporting.Der);

    public static void Process(StepContext context, IReadOnlyList<SiteReading> readings)
    {
        var devices = context.Devices.ToLookup(d => d.Value.SiteId, StringComparer.Ordinal);
        var step = context.State.Clock.Step;
        foreach (var reading in readings.Select(r => step == Duration.Zero ? r : r with { Reading = r.Reading with { At = r.Reading.At - step } })
            .Where(r => r.Reading.At <= context.Now + ClockTolerance))
        {
            foreach (var (lfdi, device) in devices[reading.SiteId])
            {
                if (Counts(device, reading.Reading.AssetId))
                {
                    AddReading(context, lfdi, reading.Reading);
                }
            }
        }
    }

    /// <summary>Intervals whose time is over become owed, in the rhythm in force now.</summary>
    public static void Close(StepContext context)
    {
        if (context.Line.Running.Count == 0)
        {
            return;
        }

        var now = context.ServerNow.ToUnixTimeSeconds();
        foreach (var (key, running) in context.Line.Running)
        {
            var (lfdi, role) = Parts(key);
            if (ComputeEnd(running, GetRate(context.Config, context.State, lfdi, role)) <= now)
            {
                Finish(context, lfdi, role, running, now);
            }
        }
    }

    /// <summary>When the next interval ends, our time.</summary>
    public static Instant NextEnd(DerClientConfig config, DerClientState state)
    {
        var next = Instant.MaxValue;
        foreach (var (key, running) in state.Line.Running)
        {
            var (lfdi, role) = Parts(key);
            var end = ComputeEnd(running, GetRate(config, state, lfdi, role));
            next = Instant.Min(next, state.Clock.OnOurs(Instant.FromUnixTimeSeconds(end)));
        }

        return next;
    }

    /// <summary>Seconds between posts: the usage point's word, else the EndDevice's, else the configuration's.</summary>
    public static long GetRate(DerClientConfig config, DerClientState state, string lfdi, MirrorRole role)
    {
        var stated = FindMirror(state, lfdi, role)?.PostRateS ?? TreeLookup.OwnDevice(state, lfdi)?.Own.PostRate;
        return stated is > 0 ? Math.Clamp(stated.Value, 1, 86_400) : Math.Max(1, (long)config.Reporting.PostRate.TotalSeconds);
    }

    public static MirrorState? FindMirror(DerClientState state, string lfdi, MirrorRole role) =>
        state.Devices.GetValueOrDefault(lfdi)?.Mirrors.FirstOrDefault(m => m.Role == role);

    /// <summary>Assets that make up the DER of a device.</summary>
    public static bool Counts(DerDeviceConfig device, string? assetId) =>
        assetId is null || device.Assets.Count == 0 || device.Assets.Contains(assetId);

    private static void AddReading(StepContext context, string lfdi, Contracts.Reading reading)
    {
        SetLatest(context, lfdi, reading);
        var role = reading.AssetId is null ? MirrorRole.Site : MirrorRole.Der;
        if (!GetRoles(context.Config.Reporting).Contains(role))
        {
            return;
        }

        var rate = GetRate(context.Config, context.State, lfdi, role);
        var at = context.State.Clock.OnServer(reading.At).ToUnixTimeSeconds();
        var slot = at - (((at % rate) + rate) % rate);
        var running = context.Line.Running.GetValueOrDefault(Key(lfdi, role));
        if (running is not null && slot >= ComputeEnd(running, rate))
        {
            Finish(context, lfdi, role, running, slot);
            running = null;
        }

        // What comes late belongs to an interval that is closed.
        if (running is null || at >= running.StartS)
        {
            var kept = With(running ?? new RunningAverage(slot), reading, role == MirrorRole.Site ? 1 : -1);
            context.Line = context.Line with { Running = context.Line.Running.SetItem(Key(lfdi, role), kept) };
        }
    }

    private static void SetLatest(StepContext context, string lfdi, Contracts.Reading reading)
    {
        var measured = context.Line.Measured.GetValueOrDefault(lfdi) ?? new Measurements(null, DerClientState.Empty<AssetReading>());
        var last = reading.AssetId is { } asset ? measured.Assets.GetValueOrDefault(asset) : measured.Site;
        Alarms.Process(context, lfdi, reading, last?.AlarmsAt);
        if (reading.At < last?.At)
        {
            return;
        }

        if (reading is { AssetId: null, ManualOverride: { } held } && held != (last?.ManualOverride ?? false))
        {
            LogEventQueue.Note(context, lfdi, held ? LogCode.ManualOverrideBegan : LogCode.ManualOverrideEnded, reading.At);
        }

        var live = new AssetReading(
            reading.At, reading.NetPowerW ?? last?.NetPowerW, reading.SocPercent ?? last?.SocPercent, reading.HeadroomDownW ?? last?.HeadroomDownW,
            reading.ManualOverride ?? last?.ManualOverride ?? false, reading.Alarms is null ? last?.AlarmsAt : reading.At);
        measured = reading.AssetId is null ? measured with { Site = live }
            : last is not null || measured.Assets.Count < Measurements.MostAssets ? measured with { Assets = measured.Assets.SetItem(reading.AssetId, live) }
            : measured;
        context.Line = context.Line with { Measured = context.Line.Measured.SetItem(lfdi, measured with { IsRunning = DerOperatingState.IsRunning(measured, context.Now) }) };
    }

    // The standard's flow directions: the site counts forward (import +), the DER in reverse (generation +).
    private static RunningAverage With(RunningAverage running, Contracts.Reading reading, int sign)
    {
        var asset = reading.AssetId ?? string.Empty;
        return running with
        {
            Power = reading.NetPowerW is { } power ? Add(running.Power, asset, sign * power) : running.Power,
            Reactive = reading.ReactivePowerVar is { } reactive ? Add(running.Reactive, asset, sign * reactive) : running.Reactive,
            // CSIP-AUS STO-01: what is stored is told as it is at the end of the interval, not as an average over it.
            Charge = reading.SocPercent is { } soc ? running.Charge.SetItem(asset, new Mean(soc, 1)) : running.Charge,

            // An inverter that sleeps tells 0 V; the grid never has that.
            Voltage = reading.VoltageV is { } volts and > 0 ? running.Voltage.With(volts) : running.Voltage,
        };
    }

    private static ImmutableSortedDictionary<string, Mean> Add(ImmutableSortedDictionary<string, Mean> means, string asset, decimal value) =>
        means.SetItem(asset, (means.GetValueOrDefault(asset) ?? new Mean(0, 0)).With(value));

    private static void Finish(StepContext context, string lfdi, MirrorRole role, RunningAverage running, long nowS)
    {
        context.Line = context.Line with { Running = context.Line.Running.Remove(Key(lfdi, role)) };
        var rate = GetRate(context.Config, context.State, lfdi, role);

        // After a change of rhythm the interval ends where the new one has its last boundary.
        var length = running.StartS % rate == 0 && nowS < running.StartS + (2 * rate) ? rate : Math.Max(ComputeEnd(running, rate), nowS - (nowS % rate)) - running.StartS;
        var average = new Average(running.StartS, length, Sum(running.Power), Sum(running.Reactive), running.Voltage.Count == 0 ? null : Round(running.Voltage.Value * 10),
            role == MirrorRole.Der ? StoredWh(running, context.Devices.GetValueOrDefault(lfdi)) : null);
        if (average is { PowerW: null, ReactiveVar: null, DeciVolts: null, StoredWh: null })
        {
            return;
        }

        Mirrors.Change(context, lfdi, role, m => m with { Owed = Bounded(m.Owed, average, context.Config.Reporting.BufferIntervals) });
    }

    private static ValueList<Average> Bounded(ValueList<Average> owed, Average average, int most) =>
        owed.Append(average).Skip(Math.Max(0, owed.Count + 1 - most)).ToValueList();

    private static long? Sum(ImmutableSortedDictionary<string, Mean> means) => means.Count == 0 ? null : Round(means.Values.Sum(m => m.Value));

    // Assets of unlike size are not told apart: the nameplate knows the DER's capacity as a whole.
    private static long? StoredWh(RunningAverage running, DerDeviceConfig? device) => device?.Nameplate.MaxWh is { } capacity && running.Charge.Count > 0
        ? Round(running.Charge.Values.Average(m => m.Value) * capacity / 100)
        : null;

    private static long Round(decimal value) => (long)Math.Clamp(Math.Round(value, MidpointRounding.AwayFromZero), -(1L << 47), (1L << 47) - 1);

    private static long ComputeEnd(RunningAverage running, long rate) => running.StartS - (running.StartS % rate) + rate;

    private static (string Lfdi, MirrorRole Role) Parts(string key) =>
        (key[..key.IndexOf(' ', StringComparison.Ordinal)], key.EndsWith(nameof(MirrorRole.Site), StringComparison.Ordinal) ? MirrorRole.Site : MirrorRole.Der);

    private static string Key(string lfdi, MirrorRole role) => $"{lfdi} {role}";
}
