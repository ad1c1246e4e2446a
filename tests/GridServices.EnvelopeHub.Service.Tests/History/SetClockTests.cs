using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Service;
using GridServices.EnvelopeHub.Service.History;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NodaTime;

namespace GridServices.EnvelopeHub.Tests.History;

/// <summary>How long a new history waits for publishers that nobody knows, while the wall clock is set, or is another one than that which began it.</summary>
public sealed class SetClockTests : IAsyncLifetime
{
    private const string Tenant = "default";
    private static readonly Duration Settle = Duration.FromSeconds(10);
    private static readonly Instant Began = Instant.FromUtc(2027, 1, 15, 18, 0);
    private readonly ManualTimeProvider time = new(Began);
    private readonly TestStore place = TestStores.Create(Dialect.Sqlite);
    private HistoryMarkerFile marker = null!;
    private HubHistory history = null!;

    public ValueTask InitializeAsync()
    {
        marker = new HistoryMarkerFile(place.Store, new StorageOptions { Path = place.Folder }, NullLogger<HistoryMarkerFile>.Instance);
        history = new HubHistory(marker, new FakeClock(time), time, Options.Create(new EnvelopeHubOptions { SettleTime = Settle.ToTimeSpan() }));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        history.Dispose();
        marker.Dispose();
        await place.DisposeAsync();
    }

    public static TheoryData<int> Jumps => [0, 3600, -3600, 1_800_000_000, -1_800_000_000];

    [Theory]
    [MemberData(nameof(Jumps))]
    public void A_clock_that_is_set_meanwhile_ends_no_wait_and_draws_none_out(int seconds)
    {
        Begin();
        time.Advance(Duration.FromSeconds(1));
        time.JumpTo(time.Now + Duration.FromSeconds(seconds));
        DemandThatItWaits();
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public void An_instance_whose_clock_goes_otherwise_than_that_which_began_the_history_waits_as_long(int seconds)
    {
        time.JumpTo(Began + Duration.FromSeconds(seconds));
        Begin();
        time.Advance(Duration.FromSeconds(1));
        DemandThatItWaits();
    }

    // A second is over. The first to come has restated; the second is waited for all the same.
    private void DemandThatItWaits()
    {
        Assert.True(Hears("/gridservices/tariffs/1"));
        time.Advance(Settle - Duration.FromSeconds(1) - Duration.FromTicks(1));
        Assert.Empty(history.Tick([]).Settled.Tenants);
        Assert.True(Hears("/gridservices/openadr/1"));
        time.Advance(Duration.FromTicks(1));
        Assert.Equal([Tenant], history.Tick([]).Settled.Tenants);
        Assert.False(history.GetTenantHistory(Tenant).Incomplete);
    }

    private bool Hears(string source)
    {
        history.Hello(new PublisherId(Tenant, source), "e1", knowsHub: true);
        return history.GetTenantHistory(Tenant).Incomplete;
    }

    private void Begin() => history.Begin(new HistoryRows("e1", Began, 0, 0, [], [], new CommitRuns([], 1), HasPast: false));
}
