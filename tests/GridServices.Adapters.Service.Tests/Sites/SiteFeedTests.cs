using System.Collections.Concurrent;
using GridServices.Adapters.Lines;
using GridServices.Adapters.Schedules;
using GridServices.Adapters.Service.Sites;
using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Contracts;
using GridServices.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace GridServices.Adapters.Service.Tests.Sites;

/// <summary>What an adapter knows of its site, from a real hub.</summary>
public sealed class SiteFeedTests(HubAndBroker world) : IClassFixture<HubAndBroker>
{
    private static readonly EnvelopeTarget Inverter = new(TargetKind.Pv, "inv1");

    [Fact]
    public async Task Limits_of_a_part_of_the_site_are_kept_by_the_peer_or_by_somebody_else_or_not_all_is_known()
    {
        var site = HubAndBroker.NewSite();
        await world.StateAsync(site, new Limits { GenerationLimitW = 0 }, target: Inverter);
        var log = new Lines();
        await using var nobody = Follow(CreatePlan(site), log);
        await using var peer = Follow(CreatePlan(site) with { Parts = [Inverter] }, log);
        await using var others = Follow(CreatePlan(site) with { PartsOfOthers = [Inverter] }, log);
        await Until.HoldsAsync(() => nobody.Feed.GetSnapshot().Limits.IsKnown && peer.Feed.GetSnapshot().View.IsKnown && others.Feed.GetSnapshot().View.IsKnown);

        Assert.False(nobody.Feed.GetSnapshot().View.IsKnown);
        Assert.Equal((0, 0, null), (ProductionW(nobody.Feed), ProductionW(peer.Feed), ProductionW(others.Feed)));
        Assert.Single(log.Said, line => line.Contains("limits of parts of the site (pv/inv1) reach nobody here", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_limit_in_amperes_without_a_voltage_is_told_once()
    {
        var site = HubAndBroker.NewSite();
        await world.StateAsync(site, new Limits { PerPhase = new PhaseLimits { L1 = new PhaseLimit { ImportLimitA = 160 } } });
        var log = new Lines();
        await using var feed = Follow(CreatePlan(site) with { AssumesPhaseVolts = true }, log);
        await Until.HoldsAsync(() => feed.Feed.GetSnapshot().View is { IsKnown: true } view && LimitLine.From(view, Quantity.ImportLimitW, CreatePlan(site).Rules).At(view.At).Watts == 12_960);
        Assert.Single(log.Said, line => line.Contains("PhaseVolts is not set", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_hub_hears_that_a_limit_was_taken_only_once_the_peer_took_it()
    {
        var site = HubAndBroker.NewSite();
        await world.StateAsync(site, new Limits { ImportLimitW = 30_000 });
        await using var feed = Follow(CreatePlan(site), NullLogger.Instance);
        await Until.HoldsAsync(() => feed.Feed.GetSnapshot().View is { IsKnown: true, Segments.Count: > 0 });
        Assert.Empty(await world.ReceiptsAsync(site));
        feed.Feed.MarkAccepted(feed.Feed.GetSnapshot().Limits);
        await Until.HoldsAsync(() => world.ReceiptsAsync(site), receipts => receipts.Any(r => r.State == ReceiptState.Accepted));
    }

    [Fact]
    public async Task What_a_stream_states_for_its_own_silence_is_left_to_peers_of_its_site_and_of_its_parts()
    {
        var (site, silence) = (HubAndBroker.NewSite(), new Failsafe { StaleAfter = Duration.FromMinutes(1), OnStale = OnStale.Failsafe, Limits = new Limits { ImportLimitW = 1_400 } });
        await world.StateAsync(site, new Limits { ImportLimitW = 9_000 }, silence, Inverter);
        await using var others = Follow(CreatePlan(site) with { PartsOfOthers = [Inverter] }, NullLogger.Instance);
        await using var peer = Follow(CreatePlan(site) with { Parts = [Inverter] }, NullLogger.Instance);
        await Until.HoldsAsync(() => others.Feed.GetSnapshot().View.IsKnown && peer.Feed.GetSnapshot().View.IsKnown);
        Assert.Equal((4_200, 1_400), (Left(others.Feed), Left(peer.Feed)));

        static long Left(SiteFeed feed)
        {
            var view = feed.GetSnapshot().View;
            return PeerSchedule.GetShutdownLimit(LimitLine.From(view, Quantity.ImportLimitW, Plans.Create("s").Rules), view.At, 4_200).Watts;
        }
    }

    [Fact]
    public void Who_was_told_something_else_or_long_ago_was_not_told()
    {
        var time = new ManualTimeProvider(Instant.FromUtc(2027, 1, 15, 18, 0));
        using var feed = new SiteFeed(Plans.Create("s"), time, NullLogger.Instance);
        var limits = feed.GetSnapshot().Limits;
        Assert.False(feed.IsAccepted(limits));
        feed.MarkAccepted(limits);
        Assert.True(feed.IsAccepted(limits));
        Assert.False(feed.IsAccepted(limits with { IsKnown = true }));
        time.Advance(Duration.FromSeconds(60));
        Assert.False(feed.IsAccepted(limits));
        feed.MarkAccepted(limits);
        feed.MarkUnreachable();
        Assert.False(feed.IsAccepted(limits));
    }

    private static long? ProductionW(SiteFeed feed)
    {
        var view = feed.GetSnapshot().View;
        return LimitLine.From(view, Quantity.ProductionW, Plans.Create("s").Rules).At(view.At).Watts;
    }

    private SitePlan CreatePlan(string site) => Plans.Create(site, world.Hub, File.ReadLines(world.TokenFile).First());

    private static Following Follow(SitePlan plan, ILogger log) => new(new SiteFeed(plan, TimeProvider.System, log));

    private sealed class Following : IAsyncDisposable
    {
        private readonly CancellationTokenSource over = new();
        private readonly Task running;

        public Following(SiteFeed feed)
        {
            Feed = feed;
            running = feed.RunAsync(over.Token);
        }

        public SiteFeed Feed { get; }

        public async ValueTask DisposeAsync()
        {
            await over.CancelAsync();
            await running;
            Feed.Dispose();
            over.Dispose();
        }
    }

    private sealed class Lines : ILogger
    {
        private readonly ConcurrentQueue<string> said = new();

        public IReadOnlyList<string> Said => [.. said];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => said.Enqueue(formatter(state, exception));
    }
}
