using GridServices.Contracts;
using GridServices.Simulators.DerServer;
using GridServices.Simulators.DerServer.Model;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Procedures;

/// <summary>What the pricing procedures ask of the client beyond its requests, played against the simulated utility.</summary>
public sealed class PricingProcedureTests
{
    private const int Import = 1;
    private const int Export = 19;
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Fact]
    public void PRC_02_components_add_up_per_direction_and_a_charge_for_export_lowers_what_it_earns()
    {
        var (world, tariff) = Tariff(multiplier: -6);
        var (one, two, three, four) = (Component(world, tariff, Import), Component(world, tariff, Export), Component(world, tariff, Import), world.Utility.AddComponent(tariff, null, uom: 195));
        var start = world.Now.Plus(Duration.FromHours(2));
        world.Utility.AddPrice(one, start, 5 * Minute, [(0, 1), (100, 2)]);
        world.Utility.AddPrice(one, start + (5 * Minute), 5 * Minute, [(0, -1_000_001)]);
        world.Utility.AddPrice(two, start, 5 * Minute, [(0, 1), (100, 2)]);
        world.Utility.AddPrice(two, start + (5 * Minute), 5 * Minute, [(0, -1_000_001)]);
        world.Utility.AddPrice(three, world.Now, Duration.FromHours(48), [(0, 3)]);
        world.Utility.AddPrice(four, start, Duration.FromHours(48), [(0, 10)]);
        world.Pass(3 * Minute);

        Assert.Equal(
            [(0.000003m, null), (0.000004m, -0.000001m), (-0.999998m, 1.000001m), (0.000003m, null)],
            Series(world).Segments.Select(s => (s.ImportPrice!.Value, s.ExportPrice)));
        Assert.Equal(("AUD", "kWh", tariff.MRid), (Series(world).Currency, Series(world).Unit, Series(world).Provenance.Program));
        Assert.Equal(start.ToUnixTimeSeconds(), Series(world).Segments[1].From.ToUnixTimeSeconds());
        Assert.Contains(world.Notes, n => n.Contains("0.000001 from 0 kWh, 0.000002 from 100 kWh", StringComparison.Ordinal));
        Assert.Contains(world.Notes, n => n.Contains($"/edev/1/tp/1/rc/{four.Number}", StringComparison.Ordinal) && n.Contains("days, a fixed charge", StringComparison.Ordinal));
    }

    [Fact]
    public void PRC_04_what_is_cancelled_before_its_end_is_answered_6_and_what_was_over_is_not()
    {
        var (world, tariff) = Tariff();
        var component = Component(world, tariff, Import);
        var over = world.Utility.AddPrice(component, world.Now, 4 * Minute, [(0, 1)]);
        var current = world.Utility.AddPrice(component, world.Now + (4 * Minute), 60 * Minute, [(0, 2)]);
        var future = world.Utility.AddPrice(component, world.Now + (64 * Minute), 60 * Minute, [(0, 3)]);
        world.Pass(6 * Minute);
        world.Utility.Cancel(over);
        world.Utility.Cancel(current);
        world.Utility.Cancel(future);
        world.Pass(3 * Minute);

        Assert.Equal([1], Answers(world, over));
        Assert.Equal([1, 6], Answers(world, current));
        Assert.Equal([1, 6], Answers(world, future));
        Assert.Empty(Series(world).Segments);
    }

    [Fact]
    public void PRC_05_components_that_come_later_are_followed_from_the_intervals()
    {
        var (world, tariff) = Tariff();
        world.Utility.AddPrice(Component(world, tariff, Import), world.Now, 600 * Minute, [(0, 1)]);
        world.Pass(3 * Minute);
        world.Utility.Rates = world.Utility.Rates with { Tariffs = 3600 };
        world.Pass(2 * Minute);
        var before = Reads(world, "/edev/1/fsa/1/tp");
        var late = Component(world, tariff, Export);
        world.Utility.AddPrice(late, world.Now, 600 * Minute, [(0, -2)]);
        world.Pass(5 * Minute);

        Assert.Equal(before, Reads(world, "/edev/1/fsa/1/tp"));
        Assert.Equal(1, Reads(world, $"/edev/1/tp/1/rc/{late.Number}"));
        Assert.Equal((1m, 2m), (Series(world).Segments[0].ImportPrice, Series(world).Segments[0].ExportPrice));
    }

    [Fact]
    public void Without_a_combined_list_and_a_summary_the_lists_of_each_component_are_read()
    {
        var (world, tariff) = Tariff(dialect: SimDialect.Ieee2018);
        var component = Component(world, tariff, Import);
        for (var hour = 0; hour < 30; hour++)
        {
            world.Utility.AddPrice(component, world.Now + Duration.FromHours(hour), Duration.FromHours(1), [(0, hour)]);
        }

        world.Pass(3 * Minute);

        Assert.Equal(Enumerable.Range(0, 30).Select(h => (decimal?)h), Series(world).Segments.Select(s => s.ImportPrice));
    }

    [Fact]
    public void A_tariff_that_goes_takes_its_prices_along()
    {
        var (world, tariff) = Tariff();
        world.Utility.AddPrice(Component(world, tariff, Import), world.Now, 600 * Minute, [(0, 1)]);
        world.Pass(3 * Minute);
        Assert.NotEmpty(Series(world).Segments);
        world.Utility.RemoveTariff(tariff);
        world.Pass(5 * Minute);

        Assert.Empty(Series(world).Segments);
        Assert.Equal(2, Series(world).Revision);
        Assert.DoesNotContain(world.Utility.Responses, r => r.Status != 1);
    }

    [Fact]
    public void Polls_and_restarts_publish_nothing_again_and_draw_nothing_anew()
    {
        var (world, tariff) = Tariff();
        var price = world.Utility.AddPrice(Component(world, tariff, Import), world.Now + (30 * Minute), 60 * Minute, [(0, 1)], randomizeStart: 600);
        world.Pass(3 * Minute);
        var series = Series(world);
        Assert.InRange(series.Segments[0].From - price.Start, Duration.Zero, 10 * Minute);
        world.Restart();
        world.Pass(20 * Minute);

        Assert.Same(series, Series(world));
        Assert.Equal([1], Answers(world, price));
    }

    private static (ProcedureWorld World, SimTariff Tariff) Tariff(int multiplier = 0, SimDialect dialect = SimDialect.CsipAus13)
    {
        var world = new ProcedureWorld(dialect, PublicProcedureTests.CreateConfig("PRC-02", dialect) with { Edition = null, ServerUrl = "https://utility.example/dcap" });
        world.Utility.AddProgram(0);
        return (world, world.Utility.AddTariff(0, multiplier: multiplier));
    }

    // The unit is kWh, so that numbers stay as they are sent.
    private static SimRateComponent Component(ProcedureWorld world, SimTariff tariff, int flow) => world.Utility.AddComponent(tariff, flow, multiplier: 3);

    private static PriceSeries Series(ProcedureWorld world) => world.Publications.OfType<EnginePublication.PublishPrices>().Last().Prices;

    private static List<int> Answers(ProcedureWorld world, SimPrice price) =>
        [.. world.Utility.Responses.Where(r => r.Subject == price.MRid && r.Path == "/edev/1/rsps/price/rsp").Select(r => r.Status)];

    private static int Reads(ProcedureWorld world, string path) => world.Utility.Log.Requests().Count(r => r.Method == "GET" && r.Path == path && r.Status == 200);
}
