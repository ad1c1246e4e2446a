using NodaTime;

namespace GridServices.Simulators.DerServer.Model;

/// <summary>A program of the simulated utility, in one function set assignment.</summary>
public sealed class SimProgram
{
    /// <summary>In its address: <c>/edev/{d}/derp/{Number}</c>.</summary>
    public required int Number { get; init; }

    public required string MRid { get; init; }

    public required byte Primacy { get; set; }

    public required string Description { get; init; }

    /// <summary>The function set assignment it belongs to.</summary>
    public required int Fsa { get; init; }

    /// <summary>Numbers of the devices it is for; null = all.</summary>
    public IReadOnlySet<int>? Devices { get; init; }

    /// <summary>Null = the program has no default (404), as after a cancellation.</summary>
    public SimDefault? Default { get; set; }

    public List<SimControl> Controls { get; } = [];

    public List<SimCurve> Curves { get; } = [];
}

/// <summary>A curve of a program; values as on the wire.</summary>
public sealed record SimCurve(
    int Number, string MRid, int Version, Instant Created, byte Type, IReadOnlyList<SimPoint> Points, int XMultiplier, int YMultiplier, byte YRefType, int? OpenLoopTms);

/// <summary>A point of a curve.</summary>
public sealed record SimPoint(int X, int Y, bool? Excitation = null);

/// <summary>What applies where no control does.</summary>
/// <param name="MRid">32 hex digits.</param>
/// <param name="Version">Grows with each change.</param>
/// <param name="Modes">What it says.</param>
/// <param name="SetGradW">Hundredths of a per cent of setMaxW per second; null = not said.</param>
public sealed record SimDefault(string MRid, int Version, SimModes Modes, int? SetGradW);

/// <summary>A control of the simulated utility.</summary>
public sealed class SimControl
{
    public required int Number { get; init; }

    public required string MRid { get; init; }

    public required string Description { get; init; }

    public required Instant Created { get; init; }

    public required Instant Start { get; init; }

    public required Duration Length { get; init; }

    public required SimModes Modes { get; init; }

    /// <summary>Seconds; null = not said.</summary>
    public int? RandomizeStart { get; init; }

    public int? RandomizeDuration { get; init; }

    /// <summary>Two hex digits; null = no responses wanted.</summary>
    public string? ResponseRequired { get; init; } = "03";

    public Instant End => Start + Length;

    public Instant? CancelledAt { get; set; }

    public bool CancelledWithRandomization { get; set; }

    /// <summary>When another of the program took over; null = never.</summary>
    public Instant? SupersededAt { get; set; }

    /// <summary>currentStatus at a time.</summary>
    public int StatusAt(Instant now) => this switch
    {
        { CancelledAt: not null } => CancelledWithRandomization ? 3 : 2,
        { SupersededAt: { } at } when at <= now => 4,
        _ => now < Start ? 0 : 1,
    };

    /// <summary>Since when <see cref="StatusAt"/> holds.</summary>
    public Instant StatusSince(Instant now) => CancelledAt ?? (SupersededAt is { } at && at <= now ? at : now < Start ? Created : Instant.Max(Start, Created));
}
