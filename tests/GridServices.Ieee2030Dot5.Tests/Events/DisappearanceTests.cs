using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Events;

/// <summary>An event that is gone from its list before its end: cancelled in the 2023 edition, still in force in that of 2018 and in CSIP-AUS.</summary>
public sealed class DisappearanceTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Theory]
    [InlineData(DerResponseCodes.Edition2023, null, 1500, true)]
    [InlineData(DerResponseCodes.Edition2023, DerEdition.Ieee2018, 1500, true)]
    [InlineData(DerResponseCodes.Edition2023, DerEdition.CsipAus13, 700, false)]
    [InlineData(DerResponseCodes.Edition2018, null, 700, false)]
    [InlineData(DerResponseCodes.Edition2018, DerEdition.CsipAus12, 700, false)]
    public void It_is_cancelled_by_edition(DerResponseCodes codes, DerEdition? edition, long limit, bool isCancelled)
    {
        var (world, items) = Listed(codes, edition);
        world.Run(Minute);
        items.Clear();
        world.Run(Minute * 2);
        Assert.Equal(limit, Discovery.PagingTests.LimitNow(world));
        Assert.Equal(isCancelled ? ["1", "2", "6"] : ["1", "2"], Statuses(world));
    }

    [Theory]
    [InlineData("500")]
    [InlineData("404")]
    [InlineData("html")]
    [InlineData("promises")]
    [InlineData("unreadable")]
    [InlineData("slipped")]
    [InlineData("unlinked")]
    public void A_list_that_was_not_read_whole_cancels_nothing(string how)
    {
        var (world, _) = Listed(DerResponseCodes.Edition2023, null, pageSize: 1);
        world.Run(Minute);
        var other = Xml.Control("C2", world.Now + Duration.FromHours(1), 60, 1);
        switch (how)
        {
            case "unlinked":
                world.Server.List("/edev/1/fsa/1/derp", "DERProgramList", "pollRate=\"60\"", () => ["<DERProgram href=\"/derp/1\"><mRID>A1</mRID><DefaultDERControlLink href=\"/derp/1/dderc\"/><primacy>1</primacy></DERProgram>"]);
                break;
            default:
                world.Server.On("/derp/1/derc", asked => how switch
                {
                    "500" or "404" => asked.From > 0 ? new FakeServer.Reply(how == "500" ? 500 : 404, string.Empty) : Page(2, other),
                    "html" => asked.From > 0 ? new FakeServer.Reply(200, "<html/>", ContentType: "text/html") : Page(2, other),
                    "promises" => asked.From > 0 ? Page(2) : Page(2, other),
                    "unreadable" => Page(1, "<DERControl href=\"/derc/x\"><mRID>zz</mRID></DERControl>"),

                    // The first item is taken away between the two pages: what was second slips to the first place, unread.
                    _ => asked.From > 0 ? Page(2, Xml.Control("C3", world.Now + Duration.FromHours(2), 60, 1)) : Page(3, other),
                });
                break;
        }

        world.Run(Minute * 2);
        Assert.Equal(700, Discovery.PagingTests.LimitNow(world));
        Assert.Equal(["1", "2"], Statuses(world).Take(2));
        Assert.DoesNotContain("6", Statuses(world));
    }

    [Fact]
    public void What_was_over_is_not_answered_as_cancelled()
    {
        var (world, items) = Listed(DerResponseCodes.Edition2023, null, seconds: 90);
        world.Run(Minute * 3);
        items.Clear();
        world.Run(Minute * 3);
        Assert.Equal(["1", "2", "3"], Statuses(world));
    }

    [Fact]
    public void One_that_lies_ahead_is_cancelled_too()
    {
        var (world, items) = Listed(DerResponseCodes.Edition2023, null, startIn: Duration.FromHours(1));
        world.Run(Minute);
        items.Clear();
        world.Run(Duration.FromHours(2));
        Assert.Equal(["1", "6"], Statuses(world));
        Assert.Equal(1500, Discovery.PagingTests.LimitNow(world));
    }

    private static FakeServer.Reply Page(int all, params string[] items) =>
        new(200, Xml.Build("DERControlList", $"href=\"/derp/1/derc\" all=\"{all}\" results=\"{items.Length}\"", string.Concat(items)));

    private static IEnumerable<string> Statuses(World world) =>
        world.Server.Posts("/rsp").Where(p => p.Body.Contains("C1<", StringComparison.Ordinal)).Select(p => Xml.Text(p.Body, "status"));

    private static (World World, List<string> Items) Listed(DerResponseCodes codes, DerEdition? edition, int seconds = 7200, Duration? startIn = null, int pageSize = 255)
    {
        var world = new World(World.Usual with { ResponseCodes = codes, Edition = edition, Polling = new DerPolling { PageSize = pageSize } }).WithTree(60);
        var items = new List<string> { Xml.Control("C1", World.Start + (startIn ?? Duration.Zero), seconds, 700) };
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [.. items]);
        return (world, items);
    }
}
