namespace GridServices.FrequencyResponse.Evidence;

/// <summary>What a record of the log holds.</summary>
public enum EvidenceKind : byte
{
    /// <summary>First of a segment: who, when, what came before.</summary>
    Head = 1,

    /// <summary>What the shell knew of the pool, from the next turn on.</summary>
    Conditions = 2,

    /// <summary>One turn of the controller: clocks, sample, decision.</summary>
    Turn = 3,

    /// <summary>The controller's memory before the next turn, so that a segment can be run again on its own.</summary>
    State = 4,

    /// <summary>The settings as the shell keeps them (JSON), from the next turn on.</summary>
    Settings = 5,

    /// <summary>A set-point datagram, as it was sent.</summary>
    Setpoints = 6,

    /// <summary>A remark for people, UTF-8.</summary>
    Note = 7,

    /// <summary>So many turns could not be recorded; a run of the log can't go on past it.</summary>
    Lost = 8,

    /// <summary>The segment was closed in order.</summary>
    End = 9,

    /// <summary>What each asset was told in a minute, and what of it was measured.</summary>
    Assets = 10,
}
