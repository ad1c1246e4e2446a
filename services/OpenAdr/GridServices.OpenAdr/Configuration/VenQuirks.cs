namespace GridServices.OpenAdr.Configuration;

/// <summary>Deviations of one VTN that the VEN lives with. All off: the standard, strictly.</summary>
public sealed record VenQuirks
{
    /// <summary>A requestID "None" or an empty one in a reply counts as the one that was sent (openleadr).</summary>
    public bool TolerateNoneRequestId { get; init; }

    /// <summary>Events that a payload doesn't mention stay as they are (OpenADR 2.0b rule 61 is not applied; cancellation must be explicit).</summary>
    public bool NeverImplyCancel { get; init; }

    /// <summary>An empty oadrDistributeEvent cancels nothing; one that lists events implies the cancellation of the others.</summary>
    public bool EmptyPayloadCancelsNothing { get; init; }

    /// <summary>
    /// Intervals need not add up to the event's duration (OpenADR 2.0b rules 8 and 102): the event's duration holds, the last interval is
    /// cut or lasts until its end.
    /// </summary>
    public bool LenientIntervalSums { get; init; }

    /// <summary>Interval uids need not count 0..n (OpenADR 2.0b rules 2 and 101): the order in the message holds.</summary>
    public bool LenientIntervalUids { get; init; }

    /// <summary>
    /// Signals that the program's policy doesn't map are skipped as long as one is left; by OpenADR 2.0b rule 109 one unsupported signal
    /// refuses the whole event with 460.
    /// </summary>
    public bool PassOverUnknownSignals { get; init; }

    /// <summary>Skip oadrQueryRegistration and register at once.</summary>
    public bool SkipQueryRegistration { get; init; }

    /// <summary>True: signatures with exclusive canonicalization are taken too, which OpenADR 2.0b rule 514 does not list.</summary>
    public bool ExclusiveCanonicalization { get; init; }
}
