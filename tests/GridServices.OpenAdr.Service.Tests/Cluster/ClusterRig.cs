using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.OpenAdr.Service.Tests.Rig;
using GridServices.Testing;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Cluster;

/// <summary>Nodes on one PostgreSQL schema, a simulated VTN and a fake hub.</summary>
internal sealed partial class ClusterRig : IAsyncDisposable
{
    private readonly TestStore _place = TestStores.Create(Dialect.PostgreSql);
    private readonly TestTokens _tokens;
    private readonly List<NodeProcess> _nodes = [];

    private ClusterRig(Vtn vtn, FakeHub hub) => (Vtn, Hub, _tokens) = (vtn, hub, new TestTokens(_place.Folder));

    public Vtn Vtn { get; }

    public FakeHub Hub { get; }

    /// <summary>So many that each node gets some of them: which one runs a VEN is a matter of the nodes' ports.</summary>
    public IReadOnlyList<string> Sites { get; } = [.. Enumerable.Range(1, 16).Select(i => $"site-{i:D2}")];

    public static async Task<ClusterRig> StartAsync() => new(await Vtn.StartAsync(), await FakeHub.StartAsync());

    public async Task<NodeProcess> JoinAsync(string name)
    {
        var node = NodeProcess.Start(
            name, _tokens, [$"--Cluster:PostgreSql={_place.Options.PostgreSql}", $"--Storage:Schema={_place.Schema}", $"--Storage:Path={_place.Folder}", $"--Hub:Url={Hub.Url}", "--Hub:Token=x", $"--Cluster:Port={TestPorts.Next()}"]);
        _nodes.Add(node);
        await node.IsReadyAsync();
        return node;
    }

    /// <summary>Makes all VENs through one node, and waits until the list of another one says that they are registered.</summary>
    public async Task EnrollAsync(NodeProcess through, NodeProcess seenBy)
    {
        foreach (var site in Sites)
        {
            var config = VenRig.Config(Vtn.Url, "PT1S");
            (config["venName"], config["siteId"]) = (site, site);
            var (status, answer) = await through.AskAsync(HttpMethod.Put, $"/v1/vens/{site}", config);
            Assert.True((int)status is 200 or 201, $"PUT {site}: {(int)status} {answer}\n{through.Log}");
        }

        await seenBy.UntilAsync("/v1/vens", AllRegistered);
    }

    public bool AllRegistered(JsonNode list) => list.AsArray().Count == Sites.Count && list.AsArray().All(ven => ven!["state"]!.GetValue<string>() == "registered");

    /// <summary>Issues an event with a random start to all VENs, and waits until each has answered it.</summary>
    /// <returns>The start that each VEN drew.</returns>
    public async Task<IReadOnlyDictionary<string, string>> IssueAsync(string eventId, NodeProcess seenBy)
    {
        await Vtn.IssueAsync(eventId, level: 2, start: "-PT1M", duration: "PT2H", more: new JsonObject { ["startAfter"] = "PT50M" });
        var starts = await StartsAsync(eventId, seenBy);

        // Before the next event: of a site's words that wait only the newest is sent, and it may limit by that one alone.
        await Until.HoldsAsync(() => Limited(eventId).SetEquals(Sites));
        return starts;
    }

    /// <summary>The start that each VEN holds, once all show the event as answered.</summary>
    public async Task<IReadOnlyDictionary<string, string>> StartsAsync(string eventId, NodeProcess seenBy)
    {
        bool IsHeld(JsonNode item) => item["event"]!["eventId"]!.GetValue<string>() == eventId && !item["event"]!["answerOwed"]!.GetValue<bool>();
        var page = await seenBy.UntilAsync("/v1/events", list => list["items"]!.AsArray().Count(item => IsHeld(item!)) == Sites.Count);
        return page["items"]!.AsArray().Where(item => IsHeld(item!)).ToDictionary(item => item!["venKey"]!.GetValue<string>(), item => item!["event"]!["start"]!.GetValue<string>());
    }

    /// <summary>The requests that were answered about an event, each with its VEN, as often as they were: a VEN that has just been started asks for its events, and must answer them.</summary>
    public async Task<IReadOnlyList<string>> AnswersAsync(string eventId) =>
    [
        .. (await Vtn.GetAsync("/sim/messages?name=oadrCreatedEvent"))
            .Select(m => (Ven: m!["venId"]!.GetValue<string>(), Xml: m["xml"]!.GetValue<string>()))
            .Where(m => m.Xml.Contains(eventId, StringComparison.Ordinal))
            .Select(m => $"{m.Ven} {RequestId().Match(m.Xml).Value}"),
    ];

    [GeneratedRegex("distribute-[0-9]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex RequestId();

    /// <summary>A reading a second of every site, which the hub tells to the node that follows it.</summary>
    public void Feed(int seconds)
    {
        var start = SystemClock.Instance.GetCurrentInstant() - Duration.FromMinutes(1);
        foreach (var (second, site) in Enumerable.Range(0, seconds).SelectMany(second => Sites.Select(site => (second, site))))
        {
            var reading = new Reading { At = start + Duration.FromSeconds(second), NetPowerW = 1_000 + second };
            Hub.Feedback.Add(($"e.{Hub.Feedback.Count + 1}", new FeedbackItem { SiteId = site, Reading = reading }));
        }
    }

    /// <summary>Limits of an event that the hub has, by site.</summary>
    public IReadOnlySet<string> Limited(string eventId) =>
        Hub.Envelopes.Where(e => e.Segments.Any(s => s.Cause?.EventId == eventId)).Select(e => e.SiteId).ToHashSet(StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        await Vtn.DisposeAsync();
        await Hub.DisposeAsync();
        await _place.DisposeAsync();
    }
}
