using GridServices.Hosting.Storage;
using GridServices.OpenAdr.Service.Tests.Rig;
using GridServices.Testing;

namespace GridServices.OpenAdr.Service.Tests;

public sealed class RestoreTests
{
    [Theory, ClassData(typeof(BothDatabases))]
    public Task Yesterdays_copy_put_back_holds_its_VENs(Dialect dialect) => RestoredService.DemandWholeAsync(
        args => OpenAdrApp.Build(args, null), "openadr", dialect, (person, name) => RestoredService.PutAsync(person, $"/v1/vens/{name}", CreateVen(name)));

    // Nobody is at this address: the VEN is known and not registered.
    private static string CreateVen(string name)
    {
        var config = VenRig.Config("http://127.0.0.1:9/OpenADR2/Simple/2.0b", "PT10S");
        (config["venName"], config["siteId"]) = (name, name);
        return config.ToJsonString();
    }
}
