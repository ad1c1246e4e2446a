using GridServices.Contracts;
using GridServices.Contracts.Functions;
using GridServices.Ieee2030Dot5.Envelopes;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>
/// All that the schedule of one EndDevice must know to go on after a crash or a power cut: immutable, equal by content, plain JSON.
/// Everything drawn, everything told and every default is in here.
/// </summary>
public sealed record DerScheduleState
{
    /// <summary>An EndDevice that has heard of no program.</summary>
    public static DerScheduleState Initial { get; } = new();

    /// <summary>Programs assigned to the device, by primacy.</summary>
    public ValueList<HeldProgram> Programs { get; init; } = [];

    /// <summary>Controls that were taken: to come, running, and over for as long as they still matter.</summary>
    public ValueList<HeldControl> Controls { get; init; } = [];

    /// <summary>Curves that the controls and defaults refer to, as last known good.</summary>
    public ValueList<HeldCurve> Curves { get; init; } = [];

    /// <summary>What was found fault with, so that it is said and answered once.</summary>
    public ValueList<Remark> Remarks { get; init; } = [];

    /// <summary>When to look at the programs again although they are as they were, server time: something listed can't be taken before then. Null: nothing waits.</summary>
    public Instant? LookAgainAt { get; init; }

    /// <summary>What each stream states at each target, as last published.</summary>
    public ValueList<PublishedStream> Published { get; init; } = [];

    /// <summary>A stream that is not in <see cref="Published"/> goes on from here: more than 0 where what was published before can't be read any more.</summary>
    public long RevisionFloor { get; init; }

    /// <summary>Server time minus that of the machine when it was last looked at: what is live in <see cref="Published"/> was stated by it.</summary>
    public Duration StatedBy { get; init; }
}

/// <summary>A curve that modes refer to.</summary>
/// <param name="Path">Where the server has it.</param>
/// <param name="Mode">The mode that refers to it.</param>
/// <param name="Function">What it sets.</param>
public sealed record HeldCurve(string Path, ControlMode Mode, FunctionSetting Function);

/// <summary>A program as it is applied.</summary>
public sealed record HeldProgram
{
    public required string Key { get; init; }
    public required byte Primacy { get; init; }

    /// <summary>False: nobody knows whom the program outranks; its limits hold beside those of the others.</summary>
    public bool IsRanked { get; init; } = true;

    /// <summary>The last default that could be believed; null where the program has none.</summary>
    public HeldDefault? Default { get; init; }

    /// <summary>True: the server's time is not known, and <see cref="Default"/> is tightened by all that could hold; <see cref="Stated"/> is the program's own.</summary>
    public bool IsTightened { get; init; }

    /// <summary>The program's own default while <see cref="IsTightened"/>.</summary>
    public HeldDefault? Stated { get; init; }

    /// <summary>What the program itself was last believed to state.</summary>
    public HeldDefault? Own() => IsTightened ? Stated : Default;
}

/// <summary>A DefaultDERControl that was judged good.</summary>
public sealed record HeldDefault
{
    public required string MRid { get; init; }
    public required ValueList<ModeSetting> Settings { get; init; }

    /// <summary>Hundredths of a per cent of setMaxW per second; 27 = AS/NZS 4777 Wgra; 0 = none.</summary>
    public int? SetGradW { get; init; }

    public int? SetSoftGradW { get; init; }
    public long? RampTms { get; init; }
}

/// <summary>A control that was taken, and what became of it.</summary>
public sealed record HeldControl
{
    /// <summary>As sent; compared ignoring case.</summary>
    public required string MRid { get; init; }

    public required string ProgramKey { get; init; }
    public required byte Primacy { get; init; }

    /// <summary>False: nobody knows whom its program outranks; its limits supersede none and are superseded by none.</summary>
    public bool IsRanked { get; init; } = true;

    public required ControlContent Content { get; init; }
    public required Instant ReceivedAt { get; init; }

    /// <summary>Of the raw message it first came in, hex.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Seconds, drawn once.</summary>
    public required long StartOffsetS { get; init; }

    /// <summary>Seconds, drawn once.</summary>
    public required long DurationOffsetS { get; init; }

    /// <summary>With randomisation; final once it is past.</summary>
    public required Instant Start { get; init; }

    /// <summary>Exclusive, with randomisation.</summary>
    public required Instant End { get; init; }

    /// <summary>The start is past: it moves no more, whatever else arrives.</summary>
    public bool Begun { get; init; }

    /// <summary>An end before its time.</summary>
    public Ending? Ending { get; init; }

    /// <summary>True: the server marks it superseded, and what supersedes it can't be read. Its limits hold beside those of others and supersede none.</summary>
    public bool IsUnreplaced { get; init; }

    /// <summary>When people override it; of EndDeviceControls only.</summary>
    public ValueList<OptOut> OptOuts { get; init; } = [];

    /// <summary>Still in the server's list.</summary>
    public bool Listed { get; init; } = true;

    /// <summary>True: taken over from the identity before a new certificate. It acts as it did, and is answered once the server lists it for this identity.</summary>
    public bool IsInherited { get; init; }

    /// <summary>When the first identity received it, server time, where another answers it since; null: none did before.</summary>
    public Instant? FirstReceivedAt { get; init; }

    /// <summary>Response statuses that have fallen due, in order. None falls due twice.</summary>
    public ValueList<int> Told { get; init; } = [];

    /// <summary>When it begins to act: its start, or when it was first heard of.</summary>
    public Instant From() => Start < ReceivedAt ? ReceivedAt : Start;

    /// <summary>When the last word about it fell due; it never acts after, whatever else changes.</summary>
    public Instant? Closed { get; init; }

    /// <summary>When it stops acting: its end, or sooner.</summary>
    public Instant Over()
    {
        var end = Ending is { } ending && ending.At < End ? ending.At : End;
        return Closed < end ? Closed.Value : end;
    }
}

/// <summary>Why and when a control ends before its time.</summary>
public sealed record Ending(EndingKind Kind, Instant At);

/// <summary>Reasons for an early end.</summary>
public enum EndingKind
{
    /// <summary>The server cancelled it, with or without randomisation.</summary>
    Cancelled,

    /// <summary>The server marked it superseded.</summary>
    Superseded,

    /// <summary>Its program is no longer assigned to the device: neither carried out nor answered.</summary>
    Removed,
}

/// <summary>Something found fault with.</summary>
/// <param name="About">mRID, else href, else program.</param>
/// <param name="Class">What kind of fault.</param>
/// <param name="Told">Response status that fell due because of it; null: none.</param>
public sealed record Remark(string About, ErrorClass Class, byte? Told = null);

/// <summary>What a stream states at a target: an envelope without its name, or (<see cref="Live"/> false) its withdrawal.</summary>
public sealed record PublishedStream
{
    public required EnvelopeTarget Target { get; init; }
    public required string Key { get; init; }
    public required long Revision { get; init; }
    public required bool Live { get; init; }
    public StreamStatement? Statement { get; init; }
}
