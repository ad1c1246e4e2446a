using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Storage;
using GridServices.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Tests.Driver;

/// <summary>Which client a notification is about, as the nodes of a cluster ask for it.</summary>
public sealed class NotifiedClientTests
{
    [Fact]
    public async Task The_store_is_asked_for_what_can_be_a_path_of_ours_and_for_nothing_else()
    {
        await using var place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(ClientStore).Assembly);
        var (drawn, now) = (string.Concat(Enumerable.Repeat("0123456789abcdef", 3)), Instant.FromUtc(2027, 1, 1, 0, 0));
        await place.Store.WriteAsync(tx => tx.Connection!.ExecuteAsync(
            "INSERT INTO clients (tenant, client_key, config, notification_id, created_at, updated_at) VALUES ('t', 'c', '{}', @drawn, @now, @now)", new { drawn, now }, tx));
        using var looks = new NotificationLookupLimiter(TimeProvider.System, isClosed: false);
        using var asking = new ClientHost(null!, new ClientStore(place.Store), looks, null!, NullLogger<ClientHost>.Instance);
        using var unasked = new ClientHost(null!, null!, looks, null!, NullLogger<ClientHost>.Instance);

        Assert.Equal(new PlacedKey("t", "c"), await asking.FindKeyAsync(Notification(drawn)));
        Assert.Null(await asking.FindKeyAsync(Notification(new string('0', 48))));
        foreach (var other in new[] { "x", drawn[1..], drawn + "0", drawn.ToUpperInvariant(), new string('/', 48) })
        {
            Assert.Null(await unasked.FindKeyAsync(Notification(other)));
        }
    }

    [Fact]
    public async Task Where_notifications_come_to_the_listener_nothing_is_looked_up_for_the_others()
    {
        using var looks = new NotificationLookupLimiter(TimeProvider.System, isClosed: true);
        using var unasked = new ClientHost(null!, null!, looks, null!, NullLogger<ClientHost>.Instance);
        Assert.Null(await unasked.FindKeyAsync(Notification(new string('0', 48))));
    }

    [Fact]
    public async Task Two_look_at_once_and_nobody_waits_for_them_longer_than_two_seconds_or_behind_a_crowd()
    {
        var ct = TestContext.Current.CancellationToken;
        var time = new ManualTimeProvider();
        using var looks = new NotificationLookupLimiter(time, isClosed: false);
        var slow = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var looking = Enumerable.Range(0, 2).Select(_ => looks.RunAsync(() => slow.Task, ct)).ToList();
        var waiting = Enumerable.Range(0, 64).Select(_ => looks.RunAsync(() => Task.FromResult(2), ct)).ToList();

        var busy = await Assert.ThrowsAsync<ProblemException>(() => looks.RunAsync(() => Task.FromResult(3), ct));
        Assert.Equal((ErrorClass.Unavailable, TimeSpan.FromSeconds(5)), (busy.Class, busy.RetryAfter));
        Assert.DoesNotContain(waiting, w => w.IsCompleted);
        time.Advance(Duration.FromSeconds(2));
        foreach (var one in waiting)
        {
            await Assert.ThrowsAsync<ProblemException>(() => one);
        }

        var last = looks.RunAsync(() => Task.FromResult(4), ct);
        Assert.False(last.IsCompleted);
        slow.SetResult(1);
        Assert.Equal(4, await last);
        var looked = await Task.WhenAll(looking);
        Assert.Equal([1, 1], looked);
    }

    private static DefaultHttpContext Notification(string id)
    {
        var http = new DefaultHttpContext();
        http.Request.Path = $"{NotificationPath.Prefix}/{id}";
        http.Request.RouteValues["id"] = id;
        return http;
    }
}
