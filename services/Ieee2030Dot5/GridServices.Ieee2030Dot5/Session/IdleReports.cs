using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Reporting;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>
/// That an aggregator's fleet has nothing to report is remembered for seconds, as long as nothing that is reported changes: between two polls there are
/// thousands of others.
/// </summary>
internal static class IdleReports
{
    private static readonly Duration Remembered = Duration.FromSeconds(5);
    private static readonly ConditionalWeakTable<ImmutableSortedDictionary<string, DeviceState>, Found> Known = [];

    /// <summary>When to look again, at the latest when the next report falls due; null: now.</summary>
    public static Instant? NextDue(DerClientConfig config, DerClientState state, Instant now) =>
        config.Mode == DerMode.Aggregator && Known.TryGetValue(state.Devices, out var found) && found.IsFor(config, state) && found.At <= now && Instant.Min(found.At + Remembered, found.Due) is var until && now < until ? until : null;

    /// <summary>None is due now.</summary>
    /// <param name="config">The client's.</param>
    /// <param name="state">As looked at.</param>
    /// <param name="now">When.</param>
    /// <param name="due">When the next one falls due.</param>
    public static void None(DerClientConfig config, DerClientState state, Instant now, Instant due)
    {
        if (config.Mode == DerMode.Aggregator)
        {
            Known.AddOrUpdate(state.Devices, new Found(config, state.Nodes, state.Line.Measured, state.Line.Running, state.Line.ToldAt, state.Line.Holds, now, due));
        }
    }

    private sealed record Found(
        DerClientConfig Config,
        ImmutableSortedDictionary<string, Node> Nodes,
        ImmutableSortedDictionary<string, Measurements> Measured,
        ImmutableSortedDictionary<string, RunningAverage> Running,
        ImmutableSortedDictionary<string, Instant> ToldAt,
        ImmutableSortedDictionary<string, Hold> Holds,
        Instant At,
        Instant Due)
    {
        public bool IsFor(DerClientConfig config, DerClientState state) => ReferenceEquals(Config, config) && ReferenceEquals(Nodes, state.Nodes)
            && ReferenceEquals(Measured, state.Line.Measured) && ReferenceEquals(Running, state.Line.Running) && ReferenceEquals(ToldAt, state.Line.ToldAt) && ReferenceEquals(Holds, state.Line.Holds);
    }
}
