using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.Tariffs.Service.Tests;

public sealed class RestoreTests
{
    [Theory, ClassData(typeof(BothDatabases))]
    public Task Yesterdays_copy_put_back_holds_its_tariffs(Dialect dialect) => RestoredService.DemandWholeAsync(
        TariffsApp.Build, "tariffs", dialect, (person, name) => RestoredService.PutAsync(person, $"/v1/tariffs/{name}", $$"""
            { "schemaVersion": 1, "id": "{{name}}", "currency": "EUR", "timeZone": "Europe/Berlin",
              "energy": [ { "id": "e", "rates": [ { "period": "all", "tiers": [ { "price": 0.24 } ] } ] } ] }
            """));
}
