using System.Collections.Immutable;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5;

/// <summary>One step in the making: the state so far, the notes so far, the time and the seed.</summary>
internal sealed class StepContext(DerClientConfig config, DerClientState state, Instant now, ulong seed)
    : StepContext<DerClientConfig, DerClientState, NoteKind>(config, state, now)
{
    private ImmutableSortedDictionary<string, DerDeviceConfig>? devices;

    public ulong Seed { get; } = seed;

    /// <summary>The middle of the exchange that is taken in, and how long it took.</summary>
    public (Instant Middle, Duration Took) Exchange { get; set; } = (now, Duration.Zero);

    /// <summary>By what the answer that is taken in is named; null: by nothing.</summary>
    public EntityTag? Offered { get; set; }

    /// <summary>The configured devices by LFDI.</summary>
    public ImmutableSortedDictionary<string, DerDeviceConfig> Devices => devices ??= Identities.GetDevices(Config, State);

    public Sep2Dialect Dialect => Dialects.For(Config, State);

    public Instant ServerNow => State.Clock.OnServer(Now);

    public DerLine Line
    {
        get => State.Line;
        set => State = State with { Line = value };
    }

    public void Change(string lfdi, Func<DeviceState, DeviceState> change)
    {
        if (State.Devices.TryGetValue(lfdi, out var device))
        {
            State = State with { Devices = State.Devices.SetItem(lfdi, change(device)) };
        }
    }
}
