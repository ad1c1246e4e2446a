using System.Data.Common;
using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Service.Storage;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>One client under one configuration and one certificate: the core, and its line to the server.</summary>
internal sealed partial class ClientEngine : IProtocolEngine<ClientView, DerClientConfig, DerClientState, DerInput, NoteKind>
{
    private readonly ClientDependencies _with;
    private readonly EngineId _id;
    private readonly string _notificationId;
    private readonly ClientTransport _line;
    private readonly string? _lfdi;

    public ClientEngine(ClientDependencies dependencies, EngineId id, DerClientConfig config, string notificationId, string? lfdi)
        : this(dependencies, id, config, notificationId, new ClientTransport(config, notificationId, dependencies), lfdi)
    {
    }

    private ClientEngine(ClientDependencies dependencies, EngineId id, DerClientConfig config, string notificationId, ClientTransport transport, string? lfdi)
    {
        (_with, _id, Config, _notificationId, _line, _lfdi) = (dependencies, id, config, notificationId, transport, lfdi);
        EffectiveConfig = transport.ForEngine(lfdi);
    }

    public DerClientConfig Config { get; }

    /// <summary>With the LFDI of the certificate in use.</summary>
    public DerClientConfig EffectiveConfig { get; }

    public DerInput? Tick => new DerInput.Tick();

    public DerInput Resync => new DerInput.Started { ClockStep = _with.Clock.Step };

    public DerInput Removed => new DerInput.Removed();

    /// <summary>The server is polled besides.</summary>
    public DerInput? Missed => null;

    public bool NeedsResync(DerClientState stored) => true;

    public EngineNext<ClientView, DerInput> Next(DerClientState state, Instant now) => DerClient.Next(EffectiveConfig, state, now) switch
    {
        DerNext.SendRequest request => new EngineNext<ClientView, DerInput>.Send(ct => SendAsync(request, ct)),
        DerNext.WaitUntil { At: var at } => new EngineNext<ClientView, DerInput>.WaitUntil(at),
        var other => throw new InvalidOperationException($"unknown step {other.GetType().Name}"),
    };

    public EngineStep<DerClientState, NoteKind> Apply(DerClientState state, DerInput input, Instant now, ulong seed) =>
        DerClient.Apply(EffectiveConfig, state, input, now, seed);

    public bool IsIrreplaceable(DerInput input) => input is DerInput.ReadingsArrived;

    public DerInput Configured(DerClientConfig? previous) => new DerInput.ConfigChanged(previous);

    public DerInput? FindFarewell(DerClientState state) => state.MayBeSubscribed(EffectiveConfig, _with.Clock.GetCurrentInstant()) ? new DerInput.Leaving() : null;

    /// <summary>What a server holds for us, only we can take back, and not from elsewhere.</summary>
    public bool Leaves(DerClientConfig next) => next.ServerUrl != Config.ServerUrl || next.Transport.ClientCertificate != Config.Transport.ClientCertificate;

    public IProtocolEngine<ClientView, DerClientConfig, DerClientState, DerInput, NoteKind> With(DerClientConfig config)
    {
        var line = new ClientTransport(config, _notificationId, _with);
        return new ClientEngine(_with, _id, config, _notificationId, line, line.Lfdi(null));
    }

    /// <summary>A certificate was exchanged on disk: from now on we are somebody else, and must find or register ourselves anew.</summary>
    public IProtocolEngine<ClientView, DerClientConfig, DerClientState, DerInput, NoteKind>? Refreshed()
    {
        var lfdi = _line.Lfdi(_lfdi);
        if (string.Equals(lfdi, _lfdi, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        LogNewIdentity(_with.Log, _id, _lfdi, lfdi);
        return new ClientEngine(_with, _id, Config, _notificationId, _line, lfdi);
    }

    public ClientView NewView(DerClientState state, Instant since) => new()
    {
        Id = _id,
        Config = Config,
        Engine = EffectiveConfig,
        NotificationId = _notificationId,
        State = state,
        Lfdi = _lfdi,
        Since = since,
    };

    public ClientView Show(ClientView view) => view with { Engine = EffectiveConfig, Lfdi = _lfdi };

    public Task SaveConfigAsync(DbTransaction tx, Instant now) => ClientStore.SaveConfigAsync(tx, _id, Config, _notificationId, _lfdi, now);

    public void Dispose() => _line.Dispose();

    private async Task<EngineExchange<ClientView, DerInput>> SendAsync(DerNext.SendRequest request, CancellationToken ct)
    {
        var tells = request.Method is not "GET";
        if (tells)
        {
            CrashPoint.Hit("before-send");
        }

        var exchange = await ExchangeResult.SendAsync(_line, request, _with.Clock, ct);
        CrashPoint.Hit(tells ? "after-send" : "after-receive");
        if (request.Purpose is DerPurpose.Read { Kind: NodeKind.ControlList })
        {
            CrashPoint.Hit("after-receive.controls");
        }

        _with.Metrics.Exchanged(request, exchange);
        return new EngineExchange<ClientView, DerInput>(exchange.Input, [exchange.Row], (view, now) => view with
        {
            HeardAt = exchange.Problem is null ? now : view.HeardAt,
            ClockSkew = exchange.ServerClock ?? view.ClockSkew,
            ServerChain = _line.ServerChain,
            Problem = exchange.Problem,
            ProblemSince = exchange.Problem is null ? null : view.ProblemSince ?? now,
        });
    }

    [LoggerMessage(EventId = EventIds.ClientEngineNewIdentity, Level = LogLevel.Warning, Message = "Client {Client} has another certificate: it was {Before} and is {After} to its server from now on; have that LFDI registered")]
    private static partial void LogNewIdentity(ILogger log, EngineId client, string? before, string? after);
}
