using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>What the walk knows of a program at present: the last good answers of the server.</summary>
/// <param name="ProgramKey">Its mRID, or its href where it has none.</param>
/// <param name="FsaKey">The function set assignment it was reached through. A program reached through two is given twice and applied once.</param>
/// <param name="Primacy">Lower wins.</param>
/// <param name="Default">Null: the program has none (absent, cancelled). Not reachable is not absent: then the last good one belongs here.</param>
/// <param name="Controls">The whole list as last read.</param>
/// <param name="Complete">False while pages of the list are still missing: then nothing is forgotten that isn't listed.</param>
public sealed record ProgramView(
    string ProgramKey, string FsaKey, byte Primacy, DefaultDerControl? Default, IReadOnlyList<DerControl> Controls, bool Complete = true)
{
    /// <summary>True: it has a default that can't be read, or that it is about to lose: the last good one holds.</summary>
    public bool IsDefaultUnread { get; init; }

    /// <summary>True: the server says that it has no such default, and never had one as far as is known.</summary>
    public bool IsDefaultMissing { get; init; }

    /// <summary>Other defaults under the same program's name: nobody knows which is meant, so the strictest of all holds.</summary>
    public IReadOnlyList<DefaultDerControl> OtherDefaults { get; init; } = [];

    /// <summary>False: nobody knows whom it outranks. Its limits hold beside those of the others, and the strictest counts.</summary>
    public bool IsRanked { get; init; } = true;

    /// <summary>Items of the list that could not be read. They were sent: a held control of the same mRID goes on as it is, an unknown one is answered 253.</summary>
    public IReadOnlyList<UnreadableItem> Unreadable { get; init; } = [];

    /// <summary>True only where an event that isn't in <see cref="Controls"/> is surely not at the server any more: the whole list was read, legibly, and stood still meanwhile.</summary>
    public bool IsWhole { get; init; }

    /// <summary>
    /// Its assignment has a clock of its own: seconds by which <see cref="Controls"/> were moved to stand by the server's. Null: they are dated by that.
    /// </summary>
    public long? ClockShiftS { get; init; }

    /// <summary>Of the raw message that the controls came in, hex; null where it isn't one message.</summary>
    public string? Sha256 { get; init; }

    /// <summary>A program that is in force and was not found: it goes on as it is, and nothing is known of its list.</summary>
    public static ProgramView FromHeld(HeldProgram held)
    {
        ArgumentNullException.ThrowIfNull(held);
        return new ProgramView(held.Key, string.Empty, held.Primacy, null, [], Complete: false) { IsDefaultUnread = true, IsRanked = held.IsRanked };
    }
}
