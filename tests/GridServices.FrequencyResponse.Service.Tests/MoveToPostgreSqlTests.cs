using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.FrequencyResponse.Service.Tests;

public sealed class MoveToPostgreSqlTests
{
    [Fact]
    public async Task A_contract_that_was_moved_keeps_its_record_commands_again_and_states_no_older_revision()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        await rig.MeasureUntilAsync(50, "ready");
        await FrequencyRig.UntilAsync(() => rig.Hub.Envelopes.Any());
        var (contract, asset) = ((await rig.GetAsync("/v1/contracts/c1"))["contract"]!.ToJsonString(), (await rig.GetAsync("/v1/assets/bess-1"))["asset"]!.ToJsonString());
        var token = (await rig.StateAsync())["pool"]!["leaseToken"]!.GetValue<long>();

        await rig.MoveAsync();
        var before = rig.Hub.Envelopes.GroupBy(e => e.Stream).ToDictionary(g => g.Key, g => g.Max(e => e.Revision));
        var told = rig.Hub.Envelopes.Count();
        await rig.StartServiceAsync();
        await rig.FindMeterAsync();
        await rig.CommandsAsync();
        await rig.MeasureUntilAsync(50, "ready");

        Assert.Equal((contract, asset), ((await rig.GetAsync("/v1/contracts/c1"))["contract"]!.ToJsonString(), (await rig.GetAsync("/v1/assets/bess-1"))["asset"]!.ToJsonString()));
        Assert.True((await rig.StateAsync())["pool"]!["leaseToken"]!.GetValue<long>() > token, "the lease began anew: a holder from before would not be fenced off");

        // The same again is news of nothing; anything else is above what was stated.
        Assert.All(rig.Hub.Envelopes.Skip(told), e => Assert.True(e.Revision >= before.GetValueOrDefault(e.Stream), $"{e.Stream} {e.Revision}"));
        Assert.Empty(rig.Hub.Rejected);
    }

    /// <summary>Several of its processes may share a schema, so that no lock tells whether one works there.</summary>
    [Fact]
    public async Task Tables_that_a_running_service_may_work_on_are_not_dropped()
    {
        string[] quiet = ["--Hub:Url=http://127.0.0.1:9", "--Hub:Token=x", "--HotPath:RealTimePriority=0", "--Logging:LogLevel:Default=None"];
        await using var from = TestStores.Create(Dialect.Sqlite);
        await (await ServiceApp.StartAsync(FrequencyResponseApp.Build, from, quiet)).DisposeAsync();
        await using var to = from.OnPostgreSql();
        await using var service = await ServiceApp.StartAsync(FrequencyResponseApp.Build, to, quiet);

        var (code, said) = await MovedStore.RunAsync(FrequencyResponseApp.Build, from, to, ["--empty-target"]);

        Assert.Equal(1, code);
        Assert.Contains("sessions of frequency-response are open", said, StringComparison.Ordinal);
    }
}
