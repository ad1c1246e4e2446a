using GridServices.OpenAdr.Configuration;
using GridServices.UtilityClients.Listening;
using NodaTime;

namespace GridServices.OpenAdr.Service.Driver;

/// <summary>A VEN as everybody but its own loop sees it.</summary>
public sealed record VenView : EngineView<VenConfig, VenState, NoteKind>
{
    /// <summary>The last answer to a poll or a request for events: others, that to a registration too, say nothing about whether events would arrive.</summary>
    public Instant? EventsHeardAt { get; init; }

    /// <summary>True: the VTN signs its messages; signatures are not verified.</summary>
    public bool VtnSigns { get; init; }

    /// <summary>The last oadrPoll that was answered.</summary>
    public Instant? PolledAt { get; init; }

    /// <summary>The last message that the VTN pushed.</summary>
    public Instant? PushedAt => State.Link.PushedAt;

    /// <summary>Why the VTN can't push though the VEN relies on it; null: it can, or need not.</summary>
    public string? PushProblem => Config.Transport == VenTransport.Push ? Push?.Problem : null;

    internal ListenerStatus? Push { get; init; }

    internal RecentReceipts Receipts { get; init; } = new();
}
