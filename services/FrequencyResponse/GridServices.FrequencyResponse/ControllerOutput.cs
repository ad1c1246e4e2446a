using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Safety;

namespace GridServices.FrequencyResponse;

/// <summary>Why the power is what it is; several at once.</summary>
[Flags]
public enum ControlReasons
{
    None = 0,

    /// <summary>At least one service is inside a procured window.</summary>
    Armed = 1,

    /// <summary>At least one service asks for power.</summary>
    Responding = 2,

    /// <summary>The measurement does not drive at least one armed service: see the rung.</summary>
    MeasurementLost = 4,

    /// <summary>The last response is held.</summary>
    Holding = 8,

    /// <summary>Ramping to the baseline, after a loss or after the end of a block.</summary>
    Ramping = 16,

    /// <summary>At least one armed service is unavailable.</summary>
    Unavailable = 32,

    /// <summary>Letting go: devices fall back to their own default.</summary>
    DeviceDefault = 64,

    /// <summary>A switched service gives its support.</summary>
    Latched = 128,

    /// <summary>A switched service waits to be able to respond again.</summary>
    Blocked = 256,

    /// <summary>Cut by an envelope of another service.</summary>
    EnvelopeLimit = 512,

    /// <summary>Cut by what the assets can do now.</summary>
    Headroom = 1024,

    /// <summary>Cut because the store is empty or full.</summary>
    Energy = 2048,

    /// <summary>The baseline is moved to win back energy.</summary>
    Recovering = 4096,

    /// <summary>Nordic AEM: following the deviation from the rolling mean, because the store runs out.</summary>
    Exhausting = 8192,

    /// <summary>No live lease: another process commands.</summary>
    NotWriter = 16384,

    /// <summary>The wall clock has stepped and is not followed.</summary>
    ClockStep = 32768,

    /// <summary>One source of several is out; the others drive.</summary>
    SourceDegraded = 65536,

    /// <summary>The energy of the store is not known.</summary>
    EnergyUnknown = 131072,

    /// <summary>GB: the settlement period began with less energy than is required for raising (Response Service Terms 6.11).</summary>
    RaiseEnergyShort = 262144,

    /// <summary>GB: it began with less room than is required for lowering.</summary>
    LowerEnergyShort = 524288,
}

/// <summary>Where one service stands.</summary>
public enum ServicePhase : byte
{
    /// <summary>Not procured now: contributes nothing.</summary>
    Disarmed,

    /// <summary>Procured, and the measurement can't drive it.</summary>
    NotReady,

    /// <summary>Procured, measured, no response due.</summary>
    Ready,

    /// <summary>Responding.</summary>
    Active,

    /// <summary>Switched: support over, ramping down.</summary>
    Releasing,

    /// <summary>Switched: waiting to be able to respond again.</summary>
    Blocked,

    /// <summary>Block over while responding: ramping to zero, outside settlement.</summary>
    RampingOut,
}

/// <summary>One service's part in a step.</summary>
/// <param name="TargetPu">What the curve, latch or signal asks for, share of the quantity; 0 where nothing valid asks.</param>
/// <param name="Pu">After shaping and the ladder.</param>
/// <param name="ResponseW">Pu times the quantity, before limits of the site.</param>
/// <param name="FrequencyHz">The frequency that drove it; NaN = none was valid.</param>
/// <param name="Phase">Where it stands.</param>
/// <param name="Rung">Where it stands on the fail-safe ladder.</param>
/// <param name="Faults">What is wrong with its measurement.</param>
/// <param name="Procured">Inside a contracted window: this instant counts for settlement.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ServiceOutput(
    double TargetPu, double Pu, double ResponseW, double FrequencyHz, ServicePhase Phase, FailSafeRung Rung, SampleFault Faults, bool Procured);

/// <summary>One entry per contract, in the order of the settings.</summary>
[InlineArray(ControllerConfig.MaxServices)]
public struct ServiceOutputs : IEquatable<ServiceOutputs>
{
    private ServiceOutput _first;

    public static bool operator ==(ServiceOutputs left, ServiceOutputs right) => left.Equals(right);

    public static bool operator !=(ServiceOutputs left, ServiceOutputs right) => !left.Equals(right);

    public readonly bool Equals(ServiceOutputs other) =>
        ((ReadOnlySpan<ServiceOutput>)this).SequenceEqual((ReadOnlySpan<ServiceOutput>)other);

    public override readonly bool Equals(object? obj) => obj is ServiceOutputs other && Equals(other);

    public override readonly int GetHashCode() => _first.GetHashCode();
}

/// <summary>What to do now. Powers in W, + = injection (raises the frequency); an envelope's target has the opposite sign.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ControllerOutput
{
    /// <summary>Set-point of the pool: baseline + response, inside every limit.</summary>
    public double PowerW { get; init; }

    /// <summary>The baseline as ramped and moved by energy management.</summary>
    public double BaselineW { get; init; }

    /// <summary>Sum of the services before the limits of the site.</summary>
    public double WantedW { get; init; }

    /// <summary>PowerW - BaselineW.</summary>
    public double ResponseW { get; init; }

    /// <summary>What of the wanted response is not given, W ≥ 0; the reasons say why.</summary>
    public double ShortfallW { get; init; }

    /// <summary>Estimated energy in the store, Wh; NaN = unknown.</summary>
    public double EnergyWh { get; init; }

    /// <summary>The voted frequency of the first armed service; NaN = none.</summary>
    public double FrequencyHz { get; init; }

    public ControlReasons Reasons { get; init; }

    /// <summary>What was wrong with the sample of this step.</summary>
    public SampleFault SampleFaults { get; init; }

    /// <summary>True: send the set-point. False: nothing new, or not ours to send.</summary>
    public bool Dispatch { get; init; }

    /// <summary>To be sent along, so that a later holder's commands are not undone.</summary>
    public long LeaseToken { get; init; }

    /// <summary>When the next step is due without a sample, monotonic nanoseconds.</summary>
    public long NextDueNanos { get; init; }

    public ServiceOutputs Services { get; init; }
}

/// <summary>The next state and what to do.</summary>
public readonly struct ControllerStep
{
    private readonly ControllerState _state;
    private readonly ControllerOutput _output;

    internal ControllerStep(in ControllerState state, in ControllerOutput output) => (_state, _output) = (state, output);

    [UnscopedRef]
    public readonly ref readonly ControllerState State => ref _state;

    [UnscopedRef]
    public readonly ref readonly ControllerOutput Output => ref _output;
}
