using GridServices.Tariffs.Service.Tests.Meters;
using GridServices.Testing;

namespace GridServices.Tariffs.Service.Tests;

public sealed class MoveToPostgreSqlTests
{
    private const string Year = "from=2026-01-01T00:00:00Z&until=2027-01-01T00:00:00Z";

    [Fact]
    public Task Tariffs_and_meter_readings_are_the_same_on_PostgreSQL() => MovedStore.DemandSameAsync(
        TariffsApp.Build,
        async person =>
        {
            var tariff = await RestoredService.PutAsync(person, "/v1/tariffs/depot", MeterRig.Tariff);
            var meter = await RestoredService.PutAsync(person, "/v1/meters/main", """{"siteId":"site-1","tariffId":"depot","targetW":100000,"failsafeW":20000}""");
            using var body = TariffsUnderTest.Json(MeterRig.Intervals(MeterRig.Start, 200, 240.125m, 10, 10));
            await TariffsUnderTest.OkAsync(await person.PutAsync(meter + "/intervals", body, TestContext.Current.CancellationToken));
            return [tariff, tariff + "/changes", "/v1/tariffs", "/v1/meters", $"{meter}/intervals?{Year}"];
        });
}
