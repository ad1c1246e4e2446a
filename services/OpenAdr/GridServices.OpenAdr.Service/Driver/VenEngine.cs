using System.Data.Common;
using GridServices.Hosting;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Service.Storage;
using GridServices.OpenAdr.Session;
using GridServices.UtilityClients.Listening;
using NodaTime;

namespace GridServices.OpenAdr.Service.Driver;

/// <summary>One VEN under one configuration: the core, and its line to the VTN.</summary>
internal sealed class VenEngine(VtnClient client, VenMetrics metrics, ListenerStatus push, PastSources past, EngineId id, VenConfig config)
    : IProtocolEngine<VenView, VenConfig, VenState, VenInput, NoteKind>
{
    private readonly VtnEndpoint _line = client.CreateEndpoint(id, config);
    private readonly VenConfig _effective = config.Asking(past);

    public VenConfig Config => config;

    public VenConfig EffectiveConfig => _effective;

    public VenInput? Tick { get; } = new VenInput.Tick();

    public VenInput Resync => new VenInput.AnswerLost();

    public VenInput Removed => new VenInput.Removed();

    public VenInput? Missed => new VenInput.PushMissed();

    public bool NeedsResync(VenState stored) => stored.Registration is not null;

    public EngineNext<VenView, VenInput> Next(VenState state, Instant now) => Ven.Next(_effective, state, now) switch
    {
        VenNext.SendRequest request => new EngineNext<VenView, VenInput>.Send(ct => SendAsync(request, ct))
        {
            // A new registration that is made twice is two to the VTN.
            LeastPatience = request.Purpose is PendingRequest.Register ? config.Profile.RequestTimeout.ToTimeSpan() / 3 : TimeSpan.Zero,
        },
        VenNext.WaitUntil { At: var at } => new EngineNext<VenView, VenInput>.WaitUntil(at),
        var other => throw new InvalidOperationException($"unknown step {other.GetType().Name}"),
    };

    /// <summary>Points that readings add are left to the write-behind.</summary>
    public EngineStep<VenState, NoteKind> Apply(VenState state, VenInput input, Instant now, ulong seed)
    {
        var step = Ven.Apply(_effective, state, input, now, seed);
        metrics.Noted(step.Notes);
        return step.MustStore && input is VenInput.ReadingsArrived && VenStore.OnlyPointsDiffer(state, step.State) ? step with { MustStore = false } : step;
    }

    public bool IsIrreplaceable(VenInput input) => input is VenInput.ReadingsArrived;

    public VenInput Configured(VenConfig? previous) => new VenInput.ConfigChanged(previous);

    public VenInput? FindFarewell(VenState state) => state.Registration is null ? null : new VenInput.Leaving();

    public VenInput? Stays(VenState state) => state.Owed.Any(o => o is PendingRequest.CancelRegistration { IsFarewell: true }) ? new VenInput.Stays() : null;

    /// <summary>The VTN that is left counts on the VEN's load and its reports until it is told.</summary>
    public bool Leaves(VenConfig next) => next.NeedsNewRegistration(config);

    /// <summary>
    /// What is owed stays owed, with its requestID, until the reply to it was applied. A poll is not idempotent: what the VTN gave away with a reply
    /// that was cut is asked for by <see cref="Resync"/>.
    /// </summary>
    public bool MayRepeatExchanges => true;

    public IProtocolEngine<VenView, VenConfig, VenState, VenInput, NoteKind> With(VenConfig changed) => new VenEngine(client, metrics, push, past, id, changed);

    public IProtocolEngine<VenView, VenConfig, VenState, VenInput, NoteKind>? Refreshed() => null;

    public VenView NewView(VenState state, Instant since) => new() { Id = id, Config = config, State = state, Since = since, Push = push };

    public VenView Show(VenView view) => view.PushedAt is { } pushed && pushed > (view.HeardAt ?? Instant.MinValue) ? view with { HeardAt = pushed } : view;

    public Task SaveConfigAsync(DbTransaction tx, Instant now) => VenStore.SaveConfigAsync(tx, id, config, now);

    public void Dispose()
    {
        // The connections are shared by all VENs.
    }

    private async Task<EngineExchange<VenView, VenInput>> SendAsync(VenNext.SendRequest request, CancellationToken ct)
    {
        var isAnswer = request.Purpose is not (PendingRequest.Poll or PendingRequest.QueryRegistration or PendingRequest.Register or PendingRequest.RequestEvents);
        if (isAnswer)
        {
            CrashPoint.Hit("before-ack-send");
        }

        var exchange = await client.SendAsync(_line, request, ct);
        CrashPoint.Hit(isAnswer ? "after-ack" : "after-receive");
        metrics.Exchanged(request, exchange);
        return new EngineExchange<VenView, VenInput>(exchange.Input, exchange.Rows, (view, now) => Record(view, request, exchange, now));
    }

    // A list of another VTN tells nothing of our events, and must not end what a lost line began.
    private static bool IsAnothers(VenState state, VenInput input) =>
        input is VenInput.ReplyReceived { Message: OadrDistributeEvent { VtnId: var its } } && its != state.Registration?.VtnId;

    internal static VenView Record(VenView view, VenNext.SendRequest request, ExchangeResult exchange, Instant now)
    {
        var isLine = request.Purpose is PendingRequest.Poll or PendingRequest.RequestEvents or PendingRequest.Register or PendingRequest.QueryRegistration;

        // One message that the VTN doesn't accept is shown in VenCondition.failing; the line itself has a problem when polls or registrations fail.
        var problem = exchange.Problem is not null ? (isLine ? exchange.Problem : view.Problem)
            : isLine || request.Purpose is PendingRequest.CancelRegistration ? null
            : view.Problem;
        return view with
        {
            HeardAt = exchange.Heard ? now : view.HeardAt,
            EventsHeardAt = exchange is { Heard: true, IsRefused: false } && !IsAnothers(view.State, exchange.Input) && request.Purpose is (PendingRequest.Poll or PendingRequest.RequestEvents) ? now : view.EventsHeardAt,
            PolledAt = exchange.Heard && request.Message is OadrPoll ? now : view.PolledAt,
            ClockSkew = exchange.VtnClock ?? view.ClockSkew,
            Problem = problem,
            ProblemSince = problem is null ? null : view.ProblemSince ?? now,
            VtnSigns = exchange.IsSigned || (view.VtnSigns && !exchange.Heard),
        };
    }
}
