using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.FrequencyResponse.Service.Tests;

public sealed class RestoreTests
{
    [Theory, ClassData(typeof(BothDatabases))]
    public Task Yesterdays_copy_put_back_holds_its_sources(Dialect dialect) => RestoredService.DemandWholeAsync(
        args => FrequencyResponseApp.Build(args, null), "frequency-response", dialect,
        (person, name) => RestoredService.PutAsync(person, $"/v1/sources/{name}", FrequencyRig.UdpSource().ToJsonString()), "--HotPath:RealTimePriority=0");
}
