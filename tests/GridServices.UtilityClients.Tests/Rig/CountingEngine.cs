using System.Data.Common;
using Dapper;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.UtilityClients.Tests.Rig;

/// <summary>
/// Inputs: <c>add</c> (stored), <c>publish</c> (stored, with a withdrawal for the hub), <c>count</c> (deferred), <c>readings</c> (stored, can't be sent again),
/// <c>register</c> and <c>farewell</c>, <c>boom</c> (a fault of the engine).
/// </summary>
internal sealed class CountingEngine(CountingProtocol protocol, EngineId id, CountingConfig config)
    : IProtocolEngine<CountingView, CountingConfig, CountingState, CountingInput, CountingKind>
{
    public CountingConfig Config => config;

    public CountingConfig EffectiveConfig => config;

    public CountingInput? Tick => null;

    public CountingInput Resync => new("resync", 0);

    public CountingInput Removed => new("removed", 0);

    public CountingInput? Missed => new("missed", 0);

    public bool NeedsResync(CountingState stored) => true;

    public EngineNext<CountingView, CountingInput> Next(CountingState state, Instant now) => now < protocol.QuietUntil
        ? new EngineNext<CountingView, CountingInput>.WaitUntil(protocol.QuietUntil)
        : protocol.Requests.TryDequeue(out var request)
        ? Sending(async ct => new EngineExchange<CountingView, CountingInput>(
            await JournalledAsync(request, now, ct), [Letter.At(now)], (view, at) => view with { Exchanges = view.Exchanges + 1, HeardAt = at }))
        : new EngineNext<CountingView, CountingInput>.WaitUntil(Instant.MaxValue);

    public EngineStep<CountingState, CountingKind> Apply(CountingState state, CountingInput input, Instant now, ulong seed)
    {
        protocol.Applied.Enqueue(input.What);
        return input.What switch
        {
            "boom" => throw new InvalidOperationException("boom"),
            "count" => new(state with { Deferred = state.Deferred + input.By }, [], [], MustStore: false),
            "publish" => new(state with { Total = state.Total + 1 }, [Withdrawal(state.Total + 1)], [Note(input)], MustStore: true),
            "register" => new(state with { IsRegistered = true }, [], [], MustStore: true),
            "unregistered" => new(state with { IsRegistered = false }, [], [], MustStore: true),
            _ => new(state with { Total = state.Total + input.By }, [], [Note(input)], MustStore: true),
        };
    }

    public bool IsIrreplaceable(CountingInput input) => input.What == "readings";

    public CountingInput Configured(CountingConfig? previous) => new(previous is null ? "new" : "configured", 0);

    public CountingInput? FindFarewell(CountingState state) => state.IsRegistered ? new CountingInput("farewell", 0) : null;

    public CountingInput? Stays(CountingState state) => protocol.IsFarewellOwed(state) ? new CountingInput("stays", 0) : null;

    public bool Leaves(CountingConfig next) => next.Sites.Contains("elsewhere");

    public bool MayRepeatExchanges => true;

    public IProtocolEngine<CountingView, CountingConfig, CountingState, CountingInput, CountingKind> With(CountingConfig changed) => new CountingEngine(protocol, id, changed);

    public IProtocolEngine<CountingView, CountingConfig, CountingState, CountingInput, CountingKind>? Refreshed() => null;

    public CountingView NewView(CountingState state, Instant since) => new() { Id = id, Config = config, State = state, Since = since };

    public CountingView Show(CountingView view) => view;

    public Task SaveConfigAsync(DbTransaction tx, Instant now) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO engines (tenant, engine_key, sites) VALUES (@Tenant, @Key, @sites)
        ON CONFLICT (tenant, engine_key) DO UPDATE SET sites = excluded.sites
        """,
        new { id.Tenant, id.Key, sites = string.Join(',', config.Sites) },
        tx);

    public void Dispose()
    {
    }

    private EngineNext<CountingView, CountingInput>.Send Sending(Func<CancellationToken, Task<EngineExchange<CountingView, CountingInput>>> exchange)
    {
        protocol.Sending?.Invoke();
        return new(exchange);
    }

    private static async Task<CountingInput> JournalledAsync(Func<CancellationToken, Task<CountingInput>> request, Instant now, CancellationToken ct)
    {
        try
        {
            return await request(ct);
        }
        catch (OperationCanceledException e)
        {
            throw new ExchangeCutException([Letter.At(now)], e, ct);
        }
    }

    private static Note<CountingKind> Note(CountingInput input) => new(NoteLevel.Information, CountingKind.Counted, null, input.What, $"counted {input.By}");

    private EnginePublication.WithdrawEnvelope Withdrawal(long revision) => new(new Withdrawal
    {
        SiteId = config.Sites[0],
        Target = new EnvelopeTarget(TargetKind.Site, config.Sites[0]),
        Stream = new StreamId("test", "s"),
        Revision = revision,
    });
}
