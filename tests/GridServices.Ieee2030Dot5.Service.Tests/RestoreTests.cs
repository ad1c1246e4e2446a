using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.Ieee2030Dot5.Service.Tests;

public sealed class RestoreTests
{
    /// <summary>Nobody is at the server's address: the client is known and finds no server.</summary>
    [Theory, ClassData(typeof(BothDatabases))]
    public Task Yesterdays_copy_put_back_holds_its_clients(Dialect dialect) => RestoredService.DemandWholeAsync(
        Ieee2030Dot5App.Build, "ieee2030-5", dialect, (person, name) => RestoredService.PutAsync(person, $"/v1/clients/{name}", $$"""
            { "serverUrl": "http://127.0.0.1:9/dcap", "siteId": "{{name}}", "pin": "111115", "nameplate": { "maxW": 10000 },
              "lfdi": "{{(name == "kept" ? "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5" : "4E4F45AB31EDFE5B67E343E5E4562E31984E23E5")}}" }
            """));
}
