using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests;

/// <summary>A client and a fake server, stepped through time together.</summary>
internal sealed class World
{
    public static readonly Instant Start = Instant.FromUtc(2027, 1, 15, 18, 0, 0);
    private readonly List<EnginePublication> _publications = [];
    private readonly List<Note<NoteKind>> _notes = [];
    private ulong _seed = 42;

    public World(DerClientConfig? config = null)
    {
        Config = config ?? Usual;
        Now = Start;
    }

    public static DerClientConfig Usual { get; } = new()
    {
        ServerUrl = "https://utility.example/dcap",
        SiteId = "site-1",
        Lfdi = FakeServer.Lfdi,
        Nameplate = new DerNameplate { MaxW = 10_000 },
        Edition = DerEdition.CsipAus12,
    };

    public DerClientConfig Config { get; set; }
    public DerClientState State { get; set; } = DerClientState.Initial;
    public FakeServer Server { get; } = new();
    public Instant Now { get; private set; }
    public IReadOnlyList<EnginePublication> Publications => _publications;
    public IReadOnlyList<Note<NoteKind>> Notes => _notes;

    /// <summary>Steps after which the state had to be written.</summary>
    public int Stored { get; private set; }

    /// <summary>How long an answer takes.</summary>
    public Duration Latency { get; set; } = Duration.FromMilliseconds(20);

    /// <summary>How long the answer to a request takes; null: as all do.</summary>
    public Func<DerNext.SendRequest, Duration>? LatencyOf { get; set; }

    /// <summary>The last envelope of a site, or null once it was withdrawn.</summary>
    public Envelope? Envelope => _publications.LastOrDefault() is EnginePublication.PublishEnvelope p ? p.Envelope : null;

    /// <summary>The export limit of all streams together, as a hub would intersect them; null: none.</summary>
    public long? StrictestExportNow() => _publications.GroupBy(GetStream).Select(s => s.Last()).OfType<EnginePublication.PublishEnvelope>()
        .SelectMany(p => p.Envelope.Segments.Where(s => s.From <= Now && (s.Until is null || Now < s.Until))).Min(s => s.Limits.ExportLimitW);

    /// <summary>The tree of the fixtures: one device, one program with a default, no controls.</summary>
    public World WithTree(int pollRate = 300)
    {
        Server.Put("/dcap", Xml.DeviceCapability("<TimeLink href=\"/tm\"/><EndDeviceListLink href=\"/edev\" all=\"1\"/><MirrorUsagePointListLink href=\"/mup\" all=\"0\"/>", pollRate));
        Server.On("/tm", _ => new FakeServer.Reply(200, Xml.Time(Now + Server.Offset)));
        Server.List("/edev", "EndDeviceList", $"pollRate=\"{pollRate}\"", () => [Xml.EndDevice("/edev/1", FakeServer.Lfdi.ToLowerInvariant(), FakeServer.Sfdi, Xml.Links("/edev/1"))]);
        Server.Put("/edev/1/rg", Xml.Registration(111115));
        Server.List("/edev/1/fsa", "FunctionSetAssignmentsList", $"pollRate=\"{pollRate}\"", () => [Xml.Fsa("/edev/1/fsa/1", "F1", "/edev/1/fsa/1/derp")]);
        Server.List("/edev/1/fsa/1/derp", "DERProgramList", $"pollRate=\"{pollRate}\"", () => [Xml.Program("/derp/1", "A1", 1)]);
        Server.Put("/derp/1/dderc", Xml.Default("D1", 1500));
        Server.List("/derp/1/derc", "DERControlList", string.Empty, () => []);
        Server.List("/edev/1/der", "DERList", $"pollRate=\"{pollRate}\"", () => [Xml.Der("/edev/1/der/1")]);
        foreach (var part in new[] { "dercap", "derg", "ders", "dera" })
        {
            Server.Status($"/edev/1/der/1/{part}", 204);
        }

        Server.Status("/edev/1/cp", 204);
        Server.WithMirrors(pollRate);
        Server.Status("/rsp", 201);
        return this;
    }

    public World Give(DerInput input)
    {
        var step = DerClient.Apply(Config, State, input, Now, _seed++);
        Assert.True(step.MustStore || step.Publications.Count == 0, "what is published belongs to a state that is stored");
        Stored += step.MustStore ? 1 : 0;
        State = step.State;
        _publications.AddRange(step.Publications);
        _notes.AddRange(step.Notes);
        return this;
    }

    /// <summary>The process dies and comes back with what was stored.</summary>
    public World Restart(Duration? after = null)
    {
        State = DerClientStateJson.Read(DerClientStateJson.Write(State));
        Now += after ?? Duration.Zero;
        return Give(new DerInput.Started());
    }

    /// <summary>Lets the client do what it wants until nothing is left to do before <paramref name="span"/> is over.</summary>
    public World Run(Duration span)
    {
        var until = Now + span;
        for (var steps = 0; ; steps++)
        {
            Assert.True(steps < 200_000, "the client does not come to rest");
            switch (DerClient.Next(Config, State, Now))
            {
                case DerNext.SendRequest request:
                    Exchange(request);
                    break;
                case DerNext.WaitUntil { At: var at }:
                    if (at > until)
                    {
                        Now = until;
                        return this;
                    }

                    Now = Instant.Max(Now, at);
                    Give(new DerInput.Tick());
                    break;
            }
        }
    }

    /// <summary>As much of a line that never rests as fits into <paramref name="span"/>.</summary>
    public World RunBusy(Duration span)
    {
        var until = Now + span;
        while (Now < until)
        {
            switch (DerClient.Next(Config, State, Now))
            {
                case DerNext.SendRequest request:
                    Exchange(request);
                    break;
                case DerNext.WaitUntil { At: var at }:
                    Now = Instant.Min(until, Instant.Max(Now, at));
                    Give(new DerInput.Tick());
                    break;
            }
        }

        return this;
    }

    /// <summary>Requests until <paramref name="done"/>, none of them late.</summary>
    public int RequestsUntil(Func<bool> done)
    {
        var before = Server.Requests.Count;
        while (!done())
        {
            Assert.True(Server.Requests.Count - before < 100, "it does not come to that");
            if (DerClient.Next(Config, State, Now) is DerNext.SendRequest request)
            {
                Exchange(request);
            }
            else
            {
                Give(new DerInput.Tick());
            }
        }

        return Server.Requests.Count - before;
    }

    private static string GetStream(EnginePublication publication) => publication switch
    {
        EnginePublication.PublishEnvelope p => p.Envelope.Stream.Key,
        EnginePublication.WithdrawEnvelope w => w.Withdrawal.Stream.Key,
        _ => string.Empty,
    };

    private void Exchange(DerNext.SendRequest request)
    {
        var (reply, sentAt) = (Server.Answer(request, Now), Now);
        var took = LatencyOf?.Invoke(request) ?? Latency;
        Now += took;
        Give(reply.Status == 0
            ? new DerInput.TransportFailed(request, TransportFailure.Unreachable)
            : new DerInput.ReplyReceived(request, reply.Status, new DerReplyHeaders(reply.ContentType, reply.Location, reply.RetryAfter, reply.ETag), reply.Bytes) { SentAt = sentAt, Took = took });
    }
}
