using GridServices.Testing;

namespace GridServices.Ieee2030Dot5.Service.Tests;

public sealed class MoveToPostgreSqlTests
{
    /// <summary>Nobody is at the server's address: the client is known and finds no server.</summary>
    [Fact]
    public Task A_client_is_the_same_on_PostgreSQL() => MovedStore.DemandSameAsync(
        Ieee2030Dot5App.Build,
        async person =>
        {
            var path = await RestoredService.PutAsync(person, "/v1/clients/c1", """
                { "serverUrl": "http://127.0.0.1:9/dcap", "siteId": "site-1", "pin": "111115", "nameplate": { "maxW": 10000 },
                  "lfdi": "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5" }
                """);
            return [path + "#config", path + "#notificationPath", "/v1/outbox"];
        });
}
