using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>What came of looking at the programs at an instant.</summary>
/// <param name="State">The new state; the same object when nothing changed.</param>
/// <param name="Responses">Fallen due in this step, in the order in which they are to be sent. Each falls due once: whoever takes them owes them.</param>
/// <param name="NextChange">When to look again although the server says nothing new; null: never.</param>
/// <param name="Timeline">What holds from now on, mode by mode; modes that nobody speaks of are absent.</param>
/// <param name="Gradient">The ramp rate that DERSettings must echo; null where no default states one.</param>
/// <param name="Notes">For the log and for people.</param>
public sealed record DerScheduleStep(
    DerScheduleState State,
    IReadOnlyList<DueResponse> Responses,
    Instant? NextChange,
    ValueList<ModeTimeline> Timeline,
    Gradient? Gradient,
    IReadOnlyList<Note<NoteKind>> Notes)
{
    /// <summary>What holds of a mode at an instant that is not past; null: nobody speaks of it.</summary>
    public ModePiece? At(ControlMode mode, Instant instant) => Timeline.FirstOrDefault(t => t.Mode == mode)?.At(instant);
}

/// <summary>A response to be sent until the server has taken it.</summary>
/// <param name="MRid">The event, as the server spells it.</param>
/// <param name="Status">See ResponseStatus.</param>
/// <param name="ReplyTo">Where to, as sent; never null for one that is due.</param>
/// <param name="Lfdi">The EndDevice that answers.</param>
/// <param name="At">When it fell due; may be past after an outage.</param>
/// <param name="Until">End of the event: a Started that was not taken by then need not be sent any more. Null: no such end.</param>
public sealed record DueResponse(string MRid, byte Status, string ReplyTo, string Lfdi, Instant At, Instant? Until)
{
    /// <summary>True: it answers a TimeTariffInterval.</summary>
    public bool IsPrice { get; init; }

    /// <summary>True: it answers a FlowReservationResponse.</summary>
    public bool IsReservation { get; init; }

    /// <summary>True: it answers an EndDeviceControl.</summary>
    public bool IsLoadControl { get; init; }

    /// <summary>Seconds for which people overrode it; null: not told.</summary>
    public int? OverrideS { get; init; }
}
