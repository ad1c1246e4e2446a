using System.Text.Json;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Sources;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Testing;

namespace GridServices.FrequencyResponse.Service.Tests.Sources;

/// <summary>A fault on a source's own thread, which nobody else would catch.</summary>
public sealed class SourceFaultTests
{
    [Fact]
    public async Task A_fault_that_no_reader_knows_of_is_the_sources_problem_and_it_goes_on()
    {
        await using var service = await UnstartedService.MakeAsync();
        var log = new CapturingLogger();
        using var source = new FaultySource(new SourceDependencies(service.Table, service.Get<MonotonicClock>(), service.Get<HotPathOptions>(), log.CreateLogger("source")));
        source.Start();
        await Until.HoldsAsync(() => source.Turns >= 2);
        Assert.Equal("beyond every table", source.View().Problem);
        Assert.Single(log.Lines, line => line.Contains("beyond every table", StringComparison.Ordinal));
    }

    private sealed class FaultySource(SourceDependencies dependencies)
        : SourceReader(UnstartedService.Id("meter"), FrequencyRig.UdpSource().Deserialize<SourceSettings>(ContractJson.Options)!, dependencies)
    {
        private int _turns;

        public int Turns => Volatile.Read(ref _turns);

        protected override void Receive()
        {
            // The last turn is left without a fault, as one that was told to stop is.
            if (Interlocked.Increment(ref _turns) < 3)
            {
                throw new OverflowException("beyond every table");
            }
        }
    }
}
