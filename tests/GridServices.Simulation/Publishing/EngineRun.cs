using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Simulation.Kernel;
using GridServices.UtilityClients.Engine;
using NodaTime;

namespace GridServices.Simulation.Publishing;

/// <summary>One start of an engine: the steps of the product's <c>EngineLoop</c> in its order, on simulated time.</summary>
internal sealed class EngineRun<TState, TInput>(PublisherNode node, ServiceDisk disk, PublisherName publisher, IProtocolModel<TState, TInput> protocol, long fence) : IEngineRun
    where TState : class
    where TInput : class
{
    private static readonly Duration LongestPauseAfterFault = Duration.FromMinutes(1);
    private static readonly Duration Shortest = Duration.FromMilliseconds(50);
    private static readonly Duration Longest = Duration.FromSeconds(1);
    private readonly string _key = protocol.Id.ToString();
    private TState _state = protocol.Initial;

    public bool HasEnded { get; private set; }

    public void End() => HasEnded = true;

    public IReadOnlyList<UpstreamStream> Upstreams(Instant now) => protocol.Upstreams(_state, now);

    public string? WhyUnheard(SpokenStream stream) => protocol.WhyUnheard(_state, stream);

    public async Task RunAsync()
    {
        try
        {
            await BeginAsync();
            while (!HasEnded)
            {
                await StepAsync();
            }
        }
        catch (FencedException)
        {
            HasEnded = true;
            node.World.Log(node, $"engine {protocol.Id.Key} of start {fence} was started elsewhere and ends");
        }
    }

    private async Task BeginAsync()
    {
        var stored = node.World.Variant == Variant.EngineForgets ? null : disk.Data.States.GetValueOrDefault(_key);
        _state = protocol.Begin(stored is null ? protocol.Initial : protocol.Read(stored), node.Wall);
        node.World.Log(node, $"engine {protocol.Id.Key} starts, number {fence}, {(stored is null ? "new" : "stored")}");
        if (stored is null)
        {
            await ApplyAsync(protocol.Configured);
        }

        if (stored is not null && protocol.Resync(_state) is { } resync)
        {
            await ApplyAsync(resync);
        }
    }

    private async Task StepAsync()
    {
        var (exchange, at) = protocol.Next(node, _state);
        if (exchange is not null)
        {
            RequireUnfenced();
            if (await exchange() is { } input)
            {
                node.MayDie("received");
                await ApplyAsync(input);
            }

            return;
        }

        if (at > node.Wall)
        {
            await node.Pause(Duration.Min(Longest, at - node.Wall));
        }

        if (at <= node.Wall)
        {
            await ApplyAsync(protocol.Tick);
            await node.Pause(Shortest);
        }
    }

    private async Task ApplyAsync(TInput input)
    {
        if (HasEnded)
        {
            return;
        }

        var now = node.Wall;
        var step = protocol.Apply(_state, input, now, node.World.Chance.Draw());
        node.MayDie("decided");
        node.World.Checks.Engines.Stepped(protocol, _state, input, step);
        if (step.MustStore)
        {
            await CommitAsync(step, now);
            node.World.Log(node, $"{protocol.Describe(input)}: commits, {step.Publications.Count} publications");
        }

        _state = step.State;
    }

    /// <summary>State and publications in one transaction, however long the store is away; only then does anything of it show.</summary>
    private async Task CommitAsync(StepOutcome<TState> step, Instant now)
    {
        var items = publisher.Items(protocol.Id, step.Publications, now);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                disk.Write(node, data => Fenced(data) with { States = data.States.SetItem(_key, protocol.Write(step.State)) } is var held ? held.Add(items, now, node.RunId) : data);
                break;
            }
            catch (StoreAwayException)
            {
                await node.Pause(Backoff.UpTo(LongestPauseAfterFault).After(attempt));
            }
        }

        node.MayDie("committed");
        node.WakeRelay();
    }

    /// <summary>Looked at before each exchange.</summary>
    private void RequireUnfenced() => _ = Fenced(disk.Data);

    private ServiceData Fenced(ServiceData data) => node.World.Variant != Variant.EngineWithoutFence && data.Fences.GetValueOrDefault(_key) > fence
        ? throw new FencedException()
        : data with { Fences = data.Fences.SetItem(_key, Math.Max(fence, data.Fences.GetValueOrDefault(_key))) };
}

/// <summary>An engine as its node sees it.</summary>
internal interface IEngineRun
{
    bool HasEnded { get; }

    Task RunAsync();

    /// <summary>It is started anew on its own node.</summary>
    void End();

    IReadOnlyList<UpstreamStream> Upstreams(Instant now);

    string? WhyUnheard(SpokenStream stream);
}
