using GridServices.Hosting.Storage;
using GridServices.Testing;
using GridServices.UtilityClients.Tests.Rig;
using NodaTime;

namespace GridServices.UtilityClients.Tests.Engine;

/// <summary>What an engine says to its server before it leaves it.</summary>
public sealed class EngineFarewellTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_engine_that_could_not_leave_takes_its_farewell_back_and_so_does_one_that_starts_with_it()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await loop.SubmitAsync(new CountingInput("register"), Ct);
        rig.Protocol.IsFarewellOwed = state => state.IsRegistered;
        rig.Protocol.Requests.Enqueue(_ =>
        {
            // Between the farewell and the configuration.
            rig.Protocol.IsStoreAway = true;
            return Task.FromResult(new CountingInput("count"));
        });

        await Assert.ThrowsAsync<StoreUnavailableException>(() => rig.PutAsync("a", "elsewhere"));
        rig.Protocol.IsStoreAway = false;
        await Until.HoldsAsync(() =>
        {
            rig.Time.Advance(Duration.FromSeconds(1));
            return rig.Protocol.Applied.Contains("stays") && loop.View.Notes.Any(n => n.About == "stays");
        });

        Assert.Equal(["site-1"], loop.View.Config.Sites);
        rig.Protocol.IsFarewellOwed = _ => true;
        var stays = rig.Protocol.Applied.Count(a => a == "stays");
        using var other = rig.NewHost();
        await other.StartAsync(TestContext.Current.CancellationToken);
        await Until.HoldsAsync(() =>
        {
            rig.Time.Advance(Duration.FromSeconds(1));
            return rig.Protocol.Applied.Count(a => a == "stays") > stays;
        });
        await other.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_engine_says_farewell_before_it_leaves_its_server_for_another()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await loop.SubmitAsync(new CountingInput("register"), Ct);
        rig.Protocol.Requests.Enqueue(_ => Task.FromResult(new CountingInput("add")));
        await loop.SubmitAsync(new CountingInput("count"), Ct);
        await Until.HoldsAsync(() => loop.View.Exchanges == 1);
        await rig.PutAsync("a", "site-2");
        Assert.DoesNotContain("farewell", rig.Protocol.Applied);
        rig.Protocol.Requests.Enqueue(_ => Task.FromResult(new CountingInput("unregistered")));

        await rig.PutAsync("a", "elsewhere");

        Assert.Equal(["farewell", "unregistered", "configured"], rig.Protocol.Applied.TakeLast(3));
    }

    [Fact]
    public async Task A_registered_engine_says_farewell_before_it_is_deleted()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await loop.SubmitAsync(new CountingInput("register"), Ct);
        rig.Protocol.Requests.Enqueue(_ => Task.FromResult(new CountingInput("add")));
        await loop.SubmitAsync(new CountingInput("count"), Ct);
        await Until.HoldsAsync(() => loop.View.Exchanges == 1);
        rig.Protocol.Requests.Enqueue(_ => Task.FromResult(new CountingInput("unregistered")));

        await rig.Host.DeleteAsync(loop.Id, Ct);

        Assert.Equal(["farewell", "unregistered", "removed"], rig.Protocol.Applied.TakeLast(3));
    }

    [Fact]
    public async Task An_engine_that_is_quiet_for_a_while_says_farewell_once_it_may()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await loop.SubmitAsync(new CountingInput("register"), Ct);
        rig.Protocol.QuietUntil = rig.Clock.GetCurrentInstant() + Duration.FromSeconds(2);
        rig.Protocol.Requests.Enqueue(_ => Task.FromResult(new CountingInput("unregistered")));

        var deleted = rig.Host.DeleteAsync(loop.Id, Ct);
        await Until.HoldsAsync(() =>
        {
            // Not as far as the five seconds that a farewell may take.
            if (rig.Protocol.Applied.Contains("farewell") && rig.Clock.GetCurrentInstant() < rig.Protocol.QuietUntil + Duration.FromSeconds(1))
            {
                rig.Time.Advance(Duration.FromMilliseconds(100));
            }

            return deleted.IsCompleted;
        });

        await deleted;
        Assert.Equal(["farewell", "unregistered", "removed"], rig.Protocol.Applied.TakeLast(3));
        Assert.DoesNotContain(rig.Log.All, line => line.Contains("leaves its server", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_farewell_that_could_not_be_sent_in_time_is_told()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await loop.SubmitAsync(new CountingInput("register"), Ct);
        rig.Protocol.QuietUntil = rig.Clock.GetCurrentInstant() + Duration.FromSeconds(6);

        await rig.Host.DeleteAsync(loop.Id, Ct);

        Assert.Equal(["farewell", "removed"], rig.Protocol.Applied.TakeLast(2));
        Assert.Single(rig.Log.All, line => line.StartsWith("Warning Counter default/a leaves its server, but the cancellation", StringComparison.Ordinal));
    }
}
