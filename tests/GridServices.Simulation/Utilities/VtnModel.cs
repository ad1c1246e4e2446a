using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using GridServices.Simulation.Kernel;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Simulation.Utilities;

/// <summary>A VTN with one VEN and two programs. It gives what is new away with the answer to a poll, or again until it was answered: by lot.</summary>
internal sealed class VtnModel : Node
{
    public const string Holding = "PROG-A";
    public const string FailingSafe = "PROG-B";
    public const string VenId = "ven-1";
    private const string VtnId = "vtn-1";
    private static readonly Duration Ending = Duration.FromSeconds(30);
    private readonly bool _givesOnce;
    private readonly Dictionary<(string Event, long Number), OptType> _answers = [];
    private bool _hasNews;
    private long _lists;

    public VtnModel(World world)
        : base(world, "vtn")
    {
        Books = [new OrderBook(world, Holding, false, [60_000, 30_000, 0], canModify: true), new OrderBook(world, FailingSafe, false, [60_000, 30_000, 0], canModify: true)];

        // What it gives once to an engine that was started elsewhere meanwhile is lost to the other: see docs/simulation.md.
        _givesOnce = world.Chance.Happens(0.5) && world.Faults.Takeover == 0;
    }

    public IReadOnlyList<OrderBook> Books { get; }

    public static string GetContext(string stream) => $"http://mc.example/{stream}";

    /// <summary>The level that means a limit; see the policy of <see cref="Publishing.VenProtocolModel"/>.</summary>
    public static int ToLevel(long limitW) => limitW switch { 60_000 => 1, 30_000 => 2, _ => 3 };

    /// <summary>Answers a message; null: not at all.</summary>
    public byte[]? Answer(byte[] request)
    {
        if (World.Strikes(World.Faults.Garbage))
        {
            return World.Chance.Pick<byte[]>(["<html>"u8.ToArray(), "<oadrPayload/>"u8.ToArray(), []]);
        }

        return OadrXml.Write(OadrXml.Read(request).Message switch
        {
            OadrQueryRegistration query => Registration(query.RequestId) with { RegistrationId = null, VenId = null },
            OadrCreatePartyRegistration create => Registration(create.RequestId),
            OadrRegisterReport report => new OadrRegisteredReport(EiResponse.Ok(report.RequestId), [], VenId),
            OadrRequestEvent all => List(all.RequestId),
            OadrPoll when _hasNews => List(null),
            OadrCreatedEvent created => Take(created),
            { } => new OadrResponse(EiResponse.Ok(string.Empty), VenId),
            _ => throw new InvalidOperationException("The VEN sent what can't be read."),
        });
    }

    protected override void Start() => Run(ActAsync);

    private async Task ActAsync()
    {
        while (true)
        {
            await Pause(World.Chance.Seconds(10, 90));
            if (World.Chance.Pick(Books).Act() is not null)
            {
                _hasNews = true;
            }
        }
    }

    private static OadrCreatedPartyRegistration Registration(string requestId) => new()
    {
        Response = EiResponse.Ok(requestId),
        RegistrationId = "reg-1",
        VenId = VenId,
        VtnId = VtnId,
        Profiles = [new ProfileOffer(OadrProfileName.Profile20b, [OadrTransportName.SimpleHttp])],
        RequestedPollFrequency = Period.FromSeconds(10),
    };

    private OadrDistributeEvent List(string? asked)
    {
        _hasNews &= !_givesOnce;
        return new OadrDistributeEvent
        {
            Response = asked is null ? null : EiResponse.Ok(asked),
            RequestId = $"list-{++_lists}",
            VtnId = VtnId,
            Events = Books.SelectMany(b => b.Orders).Where(IsTold).Select(o => (Readable<OadrEvent>)Event(o)).ToValueList(),
        };
    }

    // What is over stays in the list for a moment, as clocks differ; a cancelled one until it was answered.
    private bool IsTold(Order order) => order.Latest.Until + order.Latest.StartAfter + Ending > World.Now
        && (order.Latest.LimitW is not null || !_answers.ContainsKey((order.Id, order.Latest.Number)));

    private static OadrEvent Event(Order order) => new()
    {
        Descriptor = new EventDescriptor
        {
            EventId = order.Id,
            ModificationNumber = (uint)order.Latest.Number,
            Priority = 1,
            MarketContext = GetContext(order.Stream),
            CreatedDateTime = order.Versions[0].IssuedAt,
            Status = order.Latest.LimitW is null ? EventStatus.Cancelled : EventStatus.Far,
        },
        ActivePeriod = new CalendarInterval
        {
            Start = order.Latest.From,
            Duration = Seconds(order.Latest.Until - order.Latest.From),
            StartAfter = order.Latest.StartAfter == Duration.Zero ? null : Seconds(order.Latest.StartAfter),
        },
        Signals =
        [
            new EventSignal
            {
                SignalName = SignalNames.Simple,
                SignalType = SignalType.Level,
                SignalId = "level",
                Intervals = [new SignalInterval(null, Seconds(order.Latest.Until - order.Latest.From), "0", ToLevel(order.Latest.LimitW ?? order.Versions[0].LimitW!.Value))],
            },
        ],
        Target = new EiTarget { VenIds = [VenId] },
        ResponseRequired = ResponseRequired.Always,
    };

    private static Period Seconds(Duration duration) => Period.FromSeconds((long)duration.TotalSeconds);

    private OadrResponse Take(OadrCreatedEvent created)
    {
        foreach (var answer in created.EventResponses)
        {
            var key = (answer.QualifiedEventId.EventId, (long)answer.QualifiedEventId.ModificationNumber);
            World.Log(this, $"is answered {answer.OptType} to {key.EventId}.{key.Item2} ({answer.Code})");
            World.Checks.Answered(key.EventId, key.Item2, $"{answer.Code} {answer.OptType}");
            _answers[key] = answer.OptType;
        }

        _hasNews &= Books.SelectMany(b => b.Present).Any(o => !_answers.ContainsKey((o.Id, o.Latest.Number)));
        return new OadrResponse(EiResponse.Ok(string.Empty), VenId);
    }
}
