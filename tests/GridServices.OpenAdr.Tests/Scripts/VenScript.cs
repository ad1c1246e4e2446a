using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.OpenAdr.Signatures;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Scripts;

/// <summary>
/// Plays a VEN against a clock: at this time the VEN sends that, the VTN says this, these publications come of it.
/// Every step is also taken from the state written to JSON and read back (a crash before each step), and must come out the same.
/// </summary>
internal sealed class VenScript
{
    private ulong seed = 1;

    /// <summary>The answer to what was pushed last, as long as the script has not looked at it.</summary>
    private OadrMessage? said;

    public VenScript(VenConfig? config = null, string at = "18:00")
    {
        Config = config ?? Configs.Ven;
        Now = Vtn.Time(at);
    }

    public VenConfig Config { get; private set; }

    public VenState State { get; set; } = VenState.Initial;

    public Instant Now { get; private set; }

    public List<Note<NoteKind>> Notes { get; } = [];

    /// <summary>What the last step published, as lines.</summary>
    public IReadOnlyList<string> Published { get; private set; } = [];

    public IReadOnlyList<EnginePublication> Publications { get; private set; } = [];

    /// <summary>What the hub holds by now, per site and stream key.</summary>
    public Dictionary<(string SiteId, string Key), Contracts.Envelope> Hub { get; } = [];

    public EngineStep<VenState, NoteKind> LastStep { get; private set; } = null!;

    /// <summary>A VEN that has registered, told its METADATA, asked for its events (there are none) and polled an empty queue.</summary>
    public static VenScript Registered(VenConfig? config = null, string at = "18:00", ulong seed = 1)
    {
        var ven = new VenScript(config, at) { seed = seed };
        if (!ven.Config.Quirks.SkipQueryRegistration)
        {
            ven.Sends<OadrQueryRegistration>(out var query).Hears(Vtn.Offers(query.RequestId));
        }

        ven.Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId));
        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId));
        ven.Sends<OadrRequestEvent>(out var request).Hears(Vtn.DistributesAs("dist-0") with { Response = EiResponse.Ok(request.RequestId) });
        ven.State = ven.State with { Link = ven.State.Link with { PollAt = null } };
        return ven;
    }

    public VenScript At(string clock)
    {
        Now = Vtn.Time(clock);
        return this;
    }

    public VenScript After(Duration pause)
    {
        Now += pause;
        return this;
    }

    public VenNext Next()
    {
        var next = Ven.Next(Config, State, Now);
        var again = Ven.Next(Config, VenStateJson.Read(VenStateJson.Write(State)), Now);
        Assert.Equal(next, again);
        return next;
    }

    /// <summary>What the VEN says next. Of a push VEN: the answer in the HTTP response first, and where it has nothing to say, the poll that a pull VEN would send.</summary>
    public VenNext.SendRequest Request() =>
        Config.Transport == VenTransport.Pull || (said is null && Next() is VenNext.SendRequest) ? Assert.IsType<VenNext.SendRequest>(Next())
        : said is { } answer ? new VenNext.SendRequest(answer, OadrServiceName.EiEvent, string.Empty, new PendingRequest.Acknowledge(OadrServiceName.EiEvent, EiResponse.Ok(string.Empty), null))
        : new VenNext.SendRequest(new OadrPoll(Vtn.VenId), OadrServiceName.OadrPoll, string.Empty, new PendingRequest.Poll());

    /// <summary>The VEN wants to send a message of this kind now.</summary>
    public VenScript Sends<T>(out T message)
        where T : OadrMessage
    {
        message = Assert.IsType<T>(Request().Message);
        return this;
    }

    public VenScript Sends<T>()
        where T : OadrMessage => Sends<T>(out _);

    /// <summary>The VEN has nothing to say until then.</summary>
    public VenScript Waits(string until)
    {
        Assert.Equal(Vtn.Time(until), Assert.IsType<VenNext.WaitUntil>(Next()).At);
        return this;
    }

    /// <summary>The VTN's reply to what the VEN sends now. A push VEN is pushed what a pull VEN would find in the queue, and nobody thanks for an HTTP response.</summary>
    public VenScript Hears(OadrMessage reply, SignatureStamp? stamp = null)
    {
        if (said is not null)
        {
            (said, Published, Publications) = (null, [], []);
            return this;
        }

        var request = Request();
        return Config.Transport == VenTransport.Push && request.Purpose is PendingRequest.Poll
            ? IsPushed(reply, stamp)
            : Takes(new VenInput.ReplyReceived(request, reply, new string('a', 64), stamp));
    }

    /// <summary>The VTN pushes this; the answer is what the VEN says next, unless it is the plain acknowledgement of events.</summary>
    private VenScript IsPushed(OadrMessage message, SignatureStamp? stamp)
    {
        if (VtnMessages.FindService(message) is not { } service)
        {
            // An empty queue: nothing is pushed.
            (Published, Publications) = ([], []);
            return this;
        }

        var pushed = new VenInput.MessagePushed(service, message, new string('b', 64), stamp);
        Takes(pushed);
        var answer = PushAnswers.GetAnswer(Config, VenStateJson.Read(VenStateJson.Write(State)), pushed);
        said = message is OadrDistributeEvent && answer is OadrResponse { Response.IsSuccess: true } ? null : answer;
        return this;
    }

    /// <summary>The VEN polls now and finds this; then, where it owes an answer about events, it sends that and the VTN thanks.</summary>
    public VenScript Polls(OadrMessage found)
    {
        Sends<OadrPoll>();
        return Hears(found);
    }

    /// <summary>Where the VEN polls, it does so now and finds nothing.</summary>
    public VenScript PollsInVain() => Config.Transport == VenTransport.Pull ? Polls(Vtn.Nothing) : this;

    /// <summary>The VTN knows the VEN no more (463) or not by this ID (452): it says so to a poll, or to a push VEN's request for events.</summary>
    public VenScript IsForgotten(int code = 463) => Config.Transport == VenTransport.Pull
        ? Polls(Vtn.Refuses(code))
        : Person(VenAction.RequestEvents).Sends<OadrRequestEvent>().Hears(Vtn.Refuses(code));

    /// <summary>Polls, finds these events, and answers them with this; publications stay those of the events.</summary>
    public VenScript Gets(OadrDistributeEvent events, string? answering = null)
    {
        State = State with { Link = State.Link with { PollAt = null } };
        Polls(events);
        if (answering is not null)
        {
            Answers(answering);
        }

        return this;
    }

    /// <summary>The VEN sends oadrCreatedEvent with this content now, and the VTN thanks.</summary>
    public VenScript Answers(string expected)
    {
        Assert.Equal(expected, Show.Format(Request().Message));
        var published = (Publications, Published);
        Hears(Vtn.Nothing);
        (Publications, Published) = published;
        return this;
    }

    public VenScript Publishes(params string[] expected)
    {
        Assert.Equal(expected, Published);
        return this;
    }

    public VenScript Fails(TransportFailure kind, int? status = null) => Takes(new VenInput.TransportFailed(Request(), kind, status));

    public VenScript Empty(int status) => Takes(new VenInput.ReplyEmpty(Request(), status));

    public VenScript Person(VenAction action) => Takes(new VenInput.OperatorAction(action));

    public VenScript Reconfigured(VenConfig config)
    {
        var previous = Config;
        Config = config;
        return Takes(new VenInput.ConfigChanged(previous));
    }

    public VenScript Takes(VenInput input)
    {
        var stored = VenStateJson.Read(VenStateJson.Write(State));
        Assert.Equal(State, stored);
        var before = State;
        var step = Ven.Apply(Config, before, input, Now, seed);
        var replayed = Ven.Apply(Config, stored, input, Now, seed);
        Publications = [.. step.Publications];
        Assert.Equal(step.State, replayed.State);
        Assert.Equal(step.Notes, replayed.Notes);
        Assert.Equal(Publications.Select(Canonical), replayed.Publications.Select(Canonical));
        Assert.Equal(Publications.Select(Canonical), step.Publications.Select(Canonical));
        Assert.True(step.MustStore || Publications.Count == 0, "What publishes must be stored.");
        Assert.True(ReferenceEquals(step.State, before) || step.State != before, "An equal state must be the same object.");
        (State, LastStep, Published) = (step.State, step, [.. Publications.Select(Show.Format)]);
        Publications.ToList().ForEach(Hold);
        Notes.AddRange(step.Notes);
        seed++;
        return this;
    }

    public bool Noted(NoteKind kind, NoteLevel level = NoteLevel.Information) => Notes.Exists(n => n.Kind == kind && n.Level >= level);

    private void Hold(EnginePublication publication)
    {
        switch (publication)
        {
            case EnginePublication.PublishEnvelope { Envelope: var e }:
                Hub[(e.SiteId, e.Stream.Key)] = e;
                break;
            case EnginePublication.WithdrawEnvelope { Withdrawal: var w }:
                Hub.Remove((w.SiteId, w.Stream.Key));
                break;
        }
    }

    private static string Canonical(EnginePublication publication) => publication switch
    {
        EnginePublication.PublishEnvelope { Envelope: var e } => Contracts.CanonicalJson.Sha256(e),
        EnginePublication.PublishPrices { Prices: var p } => Contracts.CanonicalJson.Sha256(p),
        EnginePublication.WithdrawEnvelope { Withdrawal: var w } => w.ToString(),
        _ => throw new InvalidOperationException(),
    };
}
