using Dapper;
using GridServices.Hosting;
using GridServices.Hosting.Clustering;
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
        using var asking = new ClientHost(null!, new ClientStore(place.Store), null!, NullLogger<ClientHost>.Instance);
        using var unasked = new ClientHost(null!, null!, null!, NullLogger<ClientHost>.Instance);

        Assert.Equal(new PlacedKey("t", "c"), await asking.KeyOfAsync(Notification(drawn)));
        Assert.Null(await asking.KeyOfAsync(Notification(new string('0', 48))));
        foreach (var other in new[] { "x", drawn[1..], drawn + "0", drawn.ToUpperInvariant(), new string('/', 48) })
        {
            Assert.Null(await unasked.KeyOfAsync(Notification(other)));
        }
    }

    private static DefaultHttpContext Notification(string id)
    {
        var http = new DefaultHttpContext();
        http.Request.Path = $"{NotificationPath.Prefix}/{id}";
        http.Request.RouteValues["id"] = id;
        return http;
    }
}
