using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using GridServices.Testing;
using NodaTime;

namespace GridServices.OpenAdr.Tests;

public sealed class StateTests
{
    [Fact]
    public void A_state_full_of_everything_is_read_back_equal_and_compact()
    {
        var ven = VenScript.Registered(Configs.Reporting);
        var e = Vtn.Event("e1", "17:30", "PT2H", Vtn.Simple(("PT1H", 1), ("PT1H", 2)), Vtn.Signal("ELECTRICITY_PRICE", SignalType.Price, ("PT2H", 0.1))).StartAfter("PT10M");
        ven.Gets(Vtn.Distributes(e)).Takes(new VenInput.OptChosen("e1", OptType.OptOut));
        ven.Takes(new VenInput.ReadingsArrived([new SiteReading("site-1", new Reading { At = ven.Now, NetPowerW = -5, EnergyImportWh = 7, ManualOverride = true })]));
        ven.Person(VenAction.RequestVtnMetadata).Person(VenAction.Reregister);
        var json = VenStateJson.Write(ven.State);
        Assert.Equal(ven.State, VenStateJson.Read(json));
        Assert.Equal(json, VenStateJson.Write(VenStateJson.Read(json)));
        Assert.InRange(json.Length, 500, 4000);
    }

    [Fact]
    public void Nothing_to_do_leaves_the_very_same_state()
    {
        var ven = VenScript.Registered();
        var before = ven.State;
        ven.Takes(new VenInput.Tick());
        Assert.Same(before, ven.State);
        Assert.False(ven.LastStep.MustStore);
    }

    [Fact]
    public void An_empty_poll_costs_microseconds_and_little_memory()
    {
        var ven = VenScript.Registered(Configs.Reporting);
        ven.Gets(Vtn.Distributes([.. Enumerable.Range(0, 20).Select(i => Vtn.Event($"e{i}", "20:00", "PT24H", Vtn.Simple([.. Enumerable.Range(0, 24).Select(h => ("PT1H", (double)(h % 4)))])))]));
        ven.Hears(Vtn.Nothing);
        var (state, now) = (ven.State, ven.Now);
        Cycle(2_000);
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var clock = ThreadTime.Start();
        const int cycles = 20_000;
        Cycle(cycles);
        var microseconds = clock.Elapsed.TotalMicroseconds / cycles;
        var each = (GC.GetAllocatedBytesForCurrentThread() - bytes) / cycles;
        TestContext.Current.TestOutputHelper?.WriteLine($"empty poll: {microseconds:0.0} µs, {each} bytes");
        Assert.InRange(each, 0, 4096);
        Assert.InRange(microseconds, 0, 100);

        void Cycle(int times)
        {
            for (var i = 0; i < times; i++)
            {
                now += Duration.FromSeconds(10);
                var request = (VenNext.SendRequest)Ven.Next(ven.Config, state, now);
                var step = Ven.Apply(ven.Config, state, new VenInput.ReplyReceived(request, Vtn.Nothing, string.Empty), now, 1);
                Assert.False(step.MustStore);
                state = step.State;
            }
        }
    }
}
