using GridServices.Adapters.Contacts;
using GridServices.Adapters.Lines;
using GridServices.Adapters.Messages;
using GridServices.Adapters.Schedules;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Adapters.Mqtt;

/// <summary>
/// A peer that reads numbers (evcc, Home Assistant, Node-RED) or has relays: one retained message per topic, always the limit that holds now.
/// </summary>
public sealed record ScalarPeer
{
    private static readonly string[] Statuses = ["known", "state", "until", "at", "online"];

    /// <summary>Beside the numbers: <c>online</c> (1; 0 when we are gone), <c>known</c>, <c>state</c>, <c>until</c>, <c>at</c>.</summary>
    public required string BaseTopic { get; init; }

    public IReadOnlyList<ScalarTopic> Topics { get; init; } = [];
    public IReadOnlyList<ContactBox> Contacts { get; init; } = [];

    /// <summary>By so much a limit is told before it begins: what the way to the peer takes.</summary>
    public Duration Lead { get; init; } = Duration.FromSeconds(1);

    /// <summary>Everything is said again after this.</summary>
    public Duration Every { get; init; } = Duration.FromSeconds(30);

    /// <summary>Where 1 says that somebody tells limits, and 0, also as the connection's last will, that nobody does.</summary>
    public string OnlineTopic => BaseTopic + "/online";

    /// <summary>All that is said.</summary>
    public IReadOnlyList<string> AllTopics =>
    [
        .. Topics.Select(t => t.Topic), .. Contacts.SelectMany(c => c.Stages).Select(s => s.Topic).OfType<string>(),
        .. Statuses.Select(name => $"{BaseTopic}/{name}"),
    ];

    /// <summary>What is to stand at the topics now.</summary>
    public IReadOnlyList<PeerMessage> Now(SiteView view, SiteRules rules)
    {
        ArgumentNullException.ThrowIfNull(view);
        return
        [
            .. BuildMessages(q => LimitLine.From(view, q, rules).Least(view.At, view.At + Lead).Watts),
            Status("known", view.IsKnown ? "1" : "0"),
            Status("state", view.State),
            Status("until", Until(view, rules)),
            Status("at", InstantPattern.ExtendedIso.Format(view.At)) with { Says = string.Empty },
            Status("online", "1"),
        ];
    }

    /// <summary>What is left at the topics when we go: the fail-safe limits, or less where more is known to be forbidden later.</summary>
    public IReadOnlyList<PeerMessage> GetShutdownMessages(SiteView view, SiteRules rules)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(rules);
        return
        [
            .. BuildMessages(q => PeerSchedule.GetShutdownLimit(LimitLine.From(view, q, rules), view.At, rules.GetFailsafe(q)).Watts),
            Status("known", "0"), Status("until", string.Empty), Status("online", "0"),
        ];
    }

    private IEnumerable<PeerMessage> BuildMessages(Func<Quantity, long?> getLimit) =>
        Topics.Select(t => new PeerMessage(t.Topic, t.FormatLimit(getLimit(t.Quantity)), IsRetained: true, Every)).Concat(Contacts.SelectMany(c => c.Messages(getLimit(c.Quantity), Every)));

    private PeerMessage Status(string name, string text) => new($"{BaseTopic}/{name}", text, IsRetained: true, Every);

    // The earliest end of a limit in force; empty: none is known to end.
    private string Until(SiteView view, SiteRules rules)
    {
        var told = Topics.Select(t => t.Quantity).Concat(Contacts.Select(c => c.Quantity)).Distinct();
        var ends = told.Select(q => LimitLine.From(view, q, rules).At(view.At).Until).OfType<Instant>().ToList();
        return ends.Count == 0 ? string.Empty : InstantPattern.ExtendedIso.Format(ends.Min());
    }
}
