using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Events;

/// <summary>Contradictory lists: each content under one mRID counts for its own time, where several do the strictest, and where none does the default.</summary>
public sealed class DuplicateTests
{
    private const string MRid = "0123456789ABCDEF0123456789ABCDE1";

    [Theory]
    [InlineData(4_000, 4_000)]
    [InlineData(4_000, 500)]
    [InlineData(500, 4_000)]
    public void Between_two_windows_of_one_mRID_the_default_holds(int first, int second)
    {
        var utility = Listed((-30, 60, first), (600, 900, second));
        utility.Default("P", Say.Limits(export: 1_500));
        utility.Read(0).Read(30);

        Assert.Equal([first, 1_500L, 1_500L, second, second, 1_500L], new long[] { 59, 60, 599, 600, 899, 900 }.Select(s => utility.Limits(s).ExportLimitW));
        utility.Pass(1_000);
        Assert.Equal(["0 1", "0 2", "900 3"], utility.Said.Select(s => s.Replace($" {MRid}", string.Empty, StringComparison.Ordinal)));
    }

    [Fact]
    public void Where_windows_overlap_the_strictest_holds()
    {
        var utility = Listed((0, 300, 4_000), (200, 600, 1_000), (250, 400, 2_000));
        utility.Default("P", Say.Limits(export: 3_000));
        utility.Read(0).Read(100);
        Assert.Equal([4_000L, 1_000L, 1_000L, 3_000L], new long[] { 199, 200, 599, 600 }.Select(s => utility.Limits(s).ExportLimitW));
    }

    [Fact]
    public void In_the_gap_a_weaker_programs_control_is_not_shadowed()
    {
        var utility = Listed((0, 100, 4_000), (500, 600, 4_000));
        utility.Program("Q", 2);
        utility.Control("B", "Q", 200, 200, Say.Limits(export: 900));
        utility.Default("P", Say.Limits(export: 1_500));
        utility.Read(0);
        Assert.Equal([1_500L, 900L, 900L, 1_500L, 4_000L], new long[] { 150, 200, 399, 400, 500 }.Select(s => utility.Limits(s).ExportLimitW));
    }

    [Fact]
    public void A_second_content_that_appears_when_the_first_has_begun_counts_for_its_own_time()
    {
        var utility = Listed((0, 100, 4_000));
        utility.Default("P", Say.Limits(export: 1_500));
        utility.Read(0).Read(50);
        utility.Add("P", Item(500, 600, 300));
        utility.Read(60).Read(70);
        Assert.Equal([4_000L, 1_500L, 300L, 300L, 1_500L], new long[] { 99, 100, 500, 599, 600 }.Select(s => utility.Limits(s).ExportLimitW));
    }

    [Fact]
    public void One_that_is_cancelled_takes_only_its_own_content_along()
    {
        var utility = Listed((0, 600, 300));
        utility.Add("P", Item(0, 600, 4_000) with { EventStatus = new EventStatus { CurrentStatus = EventState.Cancelled, DateTime = Utility.At(10).ToUnixTimeSeconds() } });
        utility.Default("P", Say.Limits(export: 5_000));
        utility.Read(20).Read(30);
        Assert.Equal((300L, 5_000L), (utility.Limits(599).ExportLimitW, utility.Limits(600).ExportLimitW));
        Assert.DoesNotContain(utility.Said, s => s.EndsWith(" 6", StringComparison.Ordinal));
    }

    [Fact]
    public void Once_all_of_them_are_cancelled_it_is()
    {
        var utility = Listed((0, 600, 300), (0, 600, 4_000));
        utility.Default("P", Say.Limits(export: 5_000));
        utility.Read(10);
        utility.Mark(MRid, EventState.Cancelled);
        utility.Read(20);
        Assert.Equal(5_000L, utility.Limits(30).ExportLimitW);
        Assert.Contains(utility.Said, s => s.EndsWith(" 6", StringComparison.Ordinal));
    }

    [Fact]
    public void A_weaker_programs_event_of_the_same_mRID_counts_where_the_stronger_says_nothing()
    {
        var utility = Listed((0, 100, 4_000));
        utility.Program("Q", 2);
        utility.Add("Q", Item(0, 300, 1_000) with { Base = Say.Limits(import: 700, export: 1_000) });
        utility.Read(0).Read(10);
        Assert.Equal((1_000L, 700L), (utility.Limits(200).ExportLimitW, utility.Limits(200).ImportLimitW));
    }

    [Fact]
    public void At_every_second_of_random_contradictory_lists_holds_what_brute_force_finds()
    {
        var random = new Random(20270115);
        for (var round = 0; round < 40; round++)
        {
            var windows = Enumerable.Range(0, random.Next(2, 5)).Select(_ => (From: random.Next(0, 40), Length: random.Next(1, 30), Watts: random.Next(1, 9) * 500))
                .Select(w => (w.From, Until: w.From + w.Length, w.Watts)).ToArray();
            var utility = Listed(windows);
            utility.Default("P", Say.Limits(export: 2_250));
            utility.Read(0);
            for (var second = 0; second < 80; second++)
            {
                var held = windows.Where(w => w.From <= second && second < w.Until).Select(w => (long)w.Watts).DefaultIfEmpty(2_250).Min();
                Assert.Equal(held, utility.Limits(second).ExportLimitW);
            }
        }
    }

    [Theory]
    [InlineData(4_000, 1_500)]
    [InlineData(1_500, 4_000)]
    public void Of_two_defaults_under_one_programs_name_the_stricter_holds(long first, long second)
    {
        var utility = new Utility().Program("P", 1);
        utility.Default("P", Say.Limits(export: first));
        utility.Again("P", "FSA2");
        utility.Default("P FSA2", Say.Limits(export: second));
        utility.Read(0).Read(60);
        Assert.Equal(1_500, utility.Limits().ExportLimitW);
        Assert.Single(utility.Notes, n => n is { Class: GridServices.Contracts.ErrorClass.DuplicateId, Level: NoteLevel.Alarm });

        // What can't be believed any more counts as it last was.
        utility.Default(first == 1_500 ? "P" : "P FSA2", Say.Limits(export: -1));
        Assert.Equal(1_500, utility.Read(120).Limits().ExportLimitW);
    }

    private static Utility Listed(params (int From, int Until, int Watts)[] windows)
    {
        var utility = new Utility().Program("P", 1);
        foreach (var (from, until, watts) in windows)
        {
            utility.Add("P", Item(from, until, watts));
        }

        return utility;
    }

    private static DerControl Item(int from, int until, int watts) => new()
    {
        MRid = MRid,
        CreationTime = Utility.At(-100).ToUnixTimeSeconds(),
        EventStatus = new EventStatus { CurrentStatus = EventState.Scheduled, DateTime = Utility.At(-100).ToUnixTimeSeconds() },
        Interval = new DateTimeInterval(Utility.At(from).ToUnixTimeSeconds(), until - from),
        Base = Say.Limits(export: watts),
        ReplyTo = "/rsps/1/rsp",
        ResponseRequired = 0x03,
    };

    [Fact]
    public void A_default_that_never_was_there_holds_back_none_that_is_read()
    {
        var world = new World().WithTree(60);
        world.Server.List("/edev/1/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Xml.Fsa("/edev/1/fsa/1", "F1", "/edev/1/fsa/1/derp"), Xml.Fsa("/edev/1/fsa/2", "F2", "/edev/1/fsa/2/derp")]);
        world.Server.List("/edev/1/fsa/2/derp", "DERProgramList", "pollRate=\"60\"", () => [Xml.Program("/derp/2", "A1", 1)]);
        world.Server.Status("/derp/2/dderc", 404);
        world.Server.List("/derp/2/derc", "DERControlList", string.Empty, () => []);
        foreach (var watts in new[] { 5_000, 2_000, 7_000 })
        {
            world.Server.Put("/derp/1/dderc", Xml.Default("D1", watts));
            world.Run(NodaTime.Duration.FromMinutes(5));
            Assert.Equal(watts, world.StrictestExportNow());
        }
    }
}
