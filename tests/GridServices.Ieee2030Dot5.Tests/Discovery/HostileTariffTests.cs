using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>Tariffs that no utility would serve.</summary>
public sealed class HostileTariffTests
{
    [Fact]
    public void Prices_without_end_are_told_state_nothing_and_leave_the_controls_alone()
    {
        var world = Tariffs(() => [.. Enumerable.Range(0, 5_000).Select(i => Interval($"{i:X8}", i))], "<ReadingTypeLink href=\"/rt\"/>");
        world.Run(Duration.FromMinutes(6));

        Assert.NotNull(world.State.Devices.Values.Single().Schedule.Programs.Single().Default);
        Assert.DoesNotContain(world.Publications, p => p is EnginePublication.PublishPrices);
        Assert.Contains(world.Notes, n => n.Text.Contains("/tti beyond 4096 items", StringComparison.Ordinal));
    }

    [Fact]
    public void More_tariffs_than_are_followed_are_told()
    {
        var world = Tariffs(() => [Interval("AB", 0)], "<ReadingTypeLink href=\"/rt\"/>");
        world.Server.List("/tp", "TariffProfileList", "pollRate=\"300\"", () => [.. Enumerable.Range(0, 40).Select(i => Profile($"{i + 1:X2}"))]);
        world.Run(Duration.FromMinutes(6));

        Assert.Contains(world.Notes, n => n.Text.Contains("/tp beyond 32 items", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("<ReadingTypeLink href=\"/tp/1/rc\"/>")]
    [InlineData("<ReadingTypeLink href=\"https://elsewhere.example/rt\"/>")]
    [InlineData("<ReadingTypeLink href=\"/dcap\"/>")]
    [InlineData("")]
    public void A_component_whose_unit_leads_nowhere_has_no_price_and_is_told(string link)
    {
        var world = Tariffs(() => [Interval("AB", 0)], link);
        world.Run(Duration.FromMinutes(6));

        Assert.DoesNotContain(world.Publications, p => p is EnginePublication.PublishPrices);
        Assert.Contains(world.Notes, n => n.Text.Contains("/tp/1/rc/1", StringComparison.Ordinal) && n.Text.Contains("can't be stated per kWh", StringComparison.Ordinal));
    }

    internal static World Tariffs(Func<IReadOnlyList<string>> intervals, string link)
    {
        var world = new World().WithTree(60);
        world.Server.List("/edev/1/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\"", () =>
            ["<FunctionSetAssignments href=\"/edev/1/fsa/1\"><DERProgramListLink href=\"/edev/1/fsa/1/derp\" all=\"1\"/><TariffProfileListLink href=\"/tp\" all=\"1\"/><mRID>F1</mRID></FunctionSetAssignments>"]);
        world.Server.List("/tp", "TariffProfileList", "pollRate=\"300\"", () =>
            [Profile("77")]);
        world.Server.List("/tp/1/rc", "RateComponentList", string.Empty, () =>
            [$"<RateComponent href=\"/tp/1/rc/1\"><mRID>88</mRID>{link}<roleFlags>00</roleFlags><TimeTariffIntervalListLink href=\"/tti\" all=\"1\"/></RateComponent>"]);
        world.Server.List("/tti", "TimeTariffIntervalList", string.Empty, intervals);
        world.Server.Put("/rt", Xml.Build("ReadingType", string.Empty, "<flowDirection>1</flowDirection><powerOfTenMultiplier>3</powerOfTenMultiplier><uom>72</uom>"));
        return world;
    }

    private static string Profile(string mrid) =>
        $"<TariffProfile href=\"/tp/1\"><mRID>{mrid}</mRID><currency>978</currency><primacy>1</primacy><rateCode>T</rateCode><RateComponentListLink href=\"/tp/1/rc\" all=\"1\"/><serviceCategoryKind>0</serviceCategoryKind></TariffProfile>";

    internal static string Interval(string mrid, int hour)
    {
        var start = World.Start.ToUnixTimeSeconds() + (hour * 3600L);
        return $"<TimeTariffInterval href=\"/tti/{mrid}\"><mRID>{mrid}</mRID><creationTime>{World.Start.ToUnixTimeSeconds() - 60}</creationTime>"
            + $"<EventStatus><currentStatus>0</currentStatus><dateTime>{start}</dateTime><potentiallySuperseded>false</potentiallySuperseded></EventStatus>"
            + $"<interval><duration>3600</duration><start>{start}</start></interval><ConsumptionTariffIntervalListLink href=\"/cti/{mrid}\" all=\"1\"/><touTier>0</touTier></TimeTariffInterval>";
    }
}
