using System.Globalization;
using System.Security.Cryptography;
using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.OpenAdr;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Service.Hub;
using GridServices.OpenAdr.Session;
using GridServices.Simulation.Kernel;
using GridServices.Simulation.Utilities;
using GridServices.UtilityClients.Engine;
using GridServices.Wire;
using GridServices.Wire.Engine;
using NodaTime;

namespace GridServices.Simulation.Publishing;

/// <summary>The VEN's core against the model of a VTN, every message through the real XML both ways.</summary>
internal sealed class VenProtocolModel(VtnModel vtn, Variant variant) : IProtocolModel<VenState, VenInput>
{
    public static readonly long FailsafeW = 20_000;
    public static readonly Duration StaleAfter = Duration.FromMinutes(2);
    private VenView? _view;

    public static VenConfig Config { get; } = new()
    {
        VtnUrl = "http://vtn.example/OpenADR2/Simple/2.0b",
        VenName = "ven",
        SiteId = World.SiteId,
        PollInterval = Duration.FromSeconds(10),
        MaxBackOff = Duration.FromSeconds(30),
        Programs =
        [
            Program(VtnModel.Holding, new Failsafe { StaleAfter = StaleAfter, OnStale = OnStale.HoldSchedule }),
            Program(VtnModel.FailingSafe, new Failsafe { StaleAfter = StaleAfter, OnStale = OnStale.Failsafe, Limits = new Limits { ImportLimitW = FailsafeW }, MinDuration = Duration.FromMinutes(1) }),
        ],
    };

    public EngineId Id { get; } = new("default", "ven-1");

    public VenState Initial => VenState.Initial;

    public VenInput Tick { get; } = new VenInput.Tick();

    public VenInput Configured { get; } = new VenInput.ConfigChanged(null);

    public VenInput? Resync(VenState stored) => stored.Registration is null ? null : new VenInput.AnswerLost();

    public byte[] Write(VenState state) => VenStateJson.Write(state);

    public VenState Read(byte[] stored) => VenStateJson.Read(stored).AfterStart();

    public VenState Begin(VenState stored, Instant now)
    {
        var state = variant == Variant.Sound ? stored : stored with { Events = stored.Events.Select(Altered).ToValueList() };
        _view = new VenView { Id = Id, Config = Config, State = state, Since = now };
        return state;
    }

    public (Func<Task<VenInput?>>? Exchange, Instant At) Next(Node node, VenState state) => Ven.Next(Config, state, node.Wall) switch
    {
        VenNext.SendRequest request => (() => ExchangeAsync(node, request), default),
        VenNext.WaitUntil { At: var at } => (null, at),
        _ => throw new InvalidOperationException("unknown step"),
    };

    public StepOutcome<VenState> Apply(VenState state, VenInput input, Instant now, ulong seed)
    {
        var step = Ven.Apply(Config, state, input, now, seed);
        return new StepOutcome<VenState>(step.State, step.Publications, step.MustStore);
    }

    public IReadOnlyList<UpstreamStream> Upstreams(VenState state, Instant now)
    {
        var (status, _) = UpstreamRule.Classify(_view! with { State = state }, now);
        return [.. Config.Programs.Select(p => new UpstreamStream { Stream = new StreamId("openadr", p.Stream), Sites = [World.SiteId], Status = status, Since = now })];
    }

    public string? WhyUnheard(VenState state, SpokenStream stream) => VenHearing.WhyUnheard(stream, [_view! with { State = state }]);

    public bool IsRefusal(VenInput input) => input is VenInput.ReplyRefused or VenInput.TransportFailed;

    public IEnumerable<string> Orders(VenState state) =>
        state.Events.Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Id}.{e.Event.Descriptor.ModificationNumber} {e.Opt} +{e.OffsetS} {e.CancelledAt} {e.Event.ActivePeriod}"));

    public string Describe(VenInput input) => input switch
    {
        VenInput.ReplyReceived reply => $"{reply.Request.Message.Name} answered by {reply.Message.Name}",
        VenInput.ReplyRefused refused => $"{refused.Request.Message.Name} answered by what can't be read",
        VenInput.TransportFailed failed => $"{failed.Request.Message.Name} failed",
        _ => input.GetType().Name,
    };

    private HeldEvent Altered(HeldEvent held) => variant switch
    {
        Variant.EngineDrawsAnew when held.Event.ActivePeriod.StartAfter is not null => held with { OffsetS = (held.OffsetS + 7) % 31 },
        Variant.EngineAnswersAnew => held with { Opt = OptType.OptOut },
        _ => held,
    };

    private static ProgramConfig Program(string stream, Failsafe failsafe) => new()
    {
        MarketContext = VtnModel.GetContext(stream),
        Stream = stream,
        Failsafe = failsafe,
        Signals = new SignalPolicies
        {
            Simple = new SimplePolicy
            {
                Levels = new Dictionary<string, Limits>(StringComparer.Ordinal)
                {
                    ["0"] = Limits.None,
                    ["1"] = new() { ImportLimitW = 60_000 },
                    ["2"] = new() { ImportLimitW = 30_000 },
                    ["3"] = new() { ImportLimitW = 0 },
                },
            },
        },
    };

    private async Task<VenInput?> ExchangeAsync(Node node, VenNext.SendRequest request)
    {
        node.MayDie("before-send");
        var body = OadrXml.Write(request.Message);
        var patience = Duration.FromTimeSpan(request.ComputeTimeout(Config.Profile.RequestTimeout.ToTimeSpan()));
        var answer = await node.World.Network.CallAsync(node, vtn, patience, () => vtn.Answer(body));
        var now = node.Wall;
        if (answer is null)
        {
            return Told(request, new VenInput.TransportFailed(request, TransportFailure.Timeout), now, "no reply");
        }

        if (answer.Length == 0)
        {
            return Told(request, new VenInput.TransportFailed(request, TransportFailure.HttpStatus, 500), now, "HTTP 500");
        }

        var outcome = OadrXml.Read(answer);
        return outcome.Message is { } message
            ? Told(request, new VenInput.ReplyReceived(request, message, Convert.ToHexStringLower(SHA256.HashData(answer))), now, null)
            : Told(request, new VenInput.ReplyRefused(request, outcome.Refusal!, outcome.Name, outcome.RequestId), now, "unreadable");
    }

    // As VenEngine.Record keeps it.
    private VenInput Told(VenNext.SendRequest request, VenInput input, Instant now, string? problem)
    {
        var asksEvents = request.Purpose is PendingRequest.Poll or PendingRequest.RequestEvents;
        var isLine = asksEvents || request.Purpose is PendingRequest.Register or PendingRequest.QueryRegistration;
        var told = problem is not null ? (isLine ? problem : _view!.Problem) : isLine ? null : _view!.Problem;
        _view = _view! with
        {
            HeardAt = problem is null ? now : _view.HeardAt,
            EventsHeardAt = problem is null && asksEvents ? now : _view.EventsHeardAt,
            Problem = told,
            ProblemSince = told is null ? null : _view.ProblemSince ?? now,
        };
        return input;
    }
}
