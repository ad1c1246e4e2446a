using GridServices.Contracts;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Pools;

public sealed class MeasuredPowerTests
{
    /// <summary>What the ledger scores and pays by: nothing until an asset has told its power, and then what it told, with where that comes from.</summary>
    [Fact]
    public async Task Power_counts_as_measured_from_the_assets_first_reading_on()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        await rig.MeasureUntilAsync(_ => 50, () => Pool(rig).View().State.StepCount > 3);
        Assert.Equal(MeterSource.None, Measured(rig).Source);

        lock (rig.Hub.Feedback)
        {
            rig.Hub.Feedback.Add(("e.1", new FeedbackItem { SiteId = "site-1", Reading = new Reading { At = SystemClock.Instance.GetCurrentInstant(), AssetId = "bess-1", NetPowerW = -3_000 } }));
        }

        // + = import at the hub, + = injection here.
        await FrequencyRig.UntilAsync(() => Measured(rig).Source == MeterSource.Telemetry);
        Assert.Equal(3_000, Measured(rig).PowerW);
    }

    private static HotPath.Pool Pool(FrequencyRig rig) => rig.Service.App.Services.GetRequiredService<PoolTable>().Find(new EntryId("default", "bess-1"))!;

    private static MeasuredPower Measured(FrequencyRig rig) => Pool(rig).View().State.Site.Measured;
}
