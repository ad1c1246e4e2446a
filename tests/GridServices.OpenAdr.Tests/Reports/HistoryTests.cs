using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using GridServices.Testing;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Reports;

public class HistoryTests : EitherWay
{
    public HistoryTests()
        : this(VenTransport.Pull)
    {
    }

    protected HistoryTests(VenTransport transport)
        : base(transport)
    {
    }

    [Fact]
    public void METADATA_offers_what_is_kept_of_the_past()
    {
        var ven = Unregistered(Configs.WithHistory with { Quirks = new() { SkipQueryRegistration = true } });
        ven.Hears(Vtn.Registers("req-1")).Sends<OadrRegisterReport>(out var metadata);

        var (usage, button) = (metadata.Reports[2], metadata.Reports[3]);
        Assert.Equal(("METADATA_HISTORY_USAGE", "history-usage"), (usage.ReportName, usage.ReportSpecifierId));
        Assert.Equal([("past-power", "usage", "Direct Read", ItemKind.PowerReal), ("past-energy", "usage", "Direct Read", ItemKind.EnergyReal)],
            usage.Descriptions.Select(d => (d.RId, d.ReportType, d.ReadingType, d.ItemBase!.Kind)));
        Assert.Equal(("METADATA_HISTORY_GREENBUTTON", "history-greenbutton"), (button.ReportName, button.ReportSpecifierId));
        Assert.All(button.Descriptions, d => Assert.Equal(("usage", "x-notApplicable", null), (d.ReportType, d.ReadingType, d.ItemBase)));
        Assert.All(usage.Descriptions.Concat(button.Descriptions), d => Assert.False(d.SamplingRate!.OnChange));
        Assert.Equal(Duration.FromMinutes(256), usage.Duration!.ToDuration());
    }

    [Fact]
    public void R1_3130_a_part_of_the_past_comes_at_once_with_one_interval_for_each_point_kept()
    {
        var ven = Past(60).At("19:00").IsAskedFor(Usage("past-power", "past-energy").Between("18:20", "PT30M"));

        var report = ven.Reports();

        Assert.Equal(("rr-h", "history-usage", "HISTORY_USAGE"), (report.ReportRequestId, report.ReportSpecifierId, report.ReportName));
        Assert.Equal((Vtn.Time("18:20"), Duration.FromMinutes(30)), (report.Start, report.Duration!.ToDuration()));
        Assert.Equal(Enumerable.Range(20, 30).Select(m => $"{m}"), report.Column("past-power"));
        Assert.Equal(report.Column("past-power"), report.Column("past-energy"));
        Assert.All(report.Intervals, i => Assert.Equal(Duration.FromMinutes(1), i.Duration!.ToDuration()));
        ven.Sends<OadrPoll>();
        Assert.Empty(ven.State.Reports);
    }

    [Fact]
    public void A_history_without_a_duration_lasts_until_now()
    {
        var report = Past(10).At("18:10:30").IsAskedFor(Usage("past-power").Between("18:07", "PT0S")).Reports();
        Assert.Equal(["7", "8", "9", "9 held"], report.Column("past-power"));
        Assert.Equal(Duration.FromSeconds(210), report.Duration!.ToDuration());
    }

    [Fact]
    public void A_history_whose_period_is_missing_or_still_to_come_is_refused()
    {
        Past(1).IsAskedFor(Usage("past-power"), code: 459);
        Past(1).IsAskedFor(Usage("past-power").Between("19:00", "PT0S"), code: 459);
        Assert.Empty(Past(1).IsAskedFor(Usage("past-power").Between("19:00", "PT0S"), code: 459).State.Reports);
    }

    [Fact]
    public void A_period_that_is_not_over_is_waited_for()
    {
        var ven = Past(5).At("18:05").IsAskedFor(Usage("past-power").Between("18:03", "PT4M"));
        Assert.Equal(Vtn.Time("18:07"), Assert.Single(ven.State.Reports).Due);
        ven.Sends<OadrPoll>();
        Assert.Equal(["3", "4", "7", "7 held"], ven.Reads("18:05:10", 7).At("18:07").Reports().Column("past-power"));
    }

    [Fact]
    public void A_gap_is_marked_bad_and_what_lies_before_the_first_point_is_left_out()
    {
        var ven = Registered(Configs.WithHistory).Reads("18:10", 1).Reads("18:15", 2);
        var report = ven.At("18:16").IsAskedFor(Usage("past-power").Between("12:00", "PT0S")).Reports();
        Assert.Equal(["1", "1 held", "1 held", "bad", "bad", "2"], report.Column("past-power"));
        Assert.Equal(Vtn.Time("18:10"), report.Start);
    }

    [Fact]
    public void Where_nothing_is_kept_one_interval_marked_bad_stands_for_all()
    {
        var report = Past(1).At("19:00").IsAskedFor(Usage("past-power").Between("12:00", "PT2H")).Reports();
        Assert.Equal(["bad"], report.Column("past-power"));
        Assert.Equal((Vtn.Time("12:00"), Duration.FromHours(2)), (report.Start, report.Duration!.ToDuration()));
    }

    [Fact]
    public void A_message_never_holds_more_intervals_than_are_kept()
    {
        var ven = Registered(Configs.WithHistory with { ReportBufferPoints = 100 }).Reads("2027-01-10T18:00:00Z", 1).Reads("17:59", 2);
        var report = ven.At("18:00").IsAskedFor(Usage("past-power").Between("2027-01-01T00:00:00Z", "PT0S")).Reports();
        Assert.Equal((100, "2"), (report.Intervals.Count, report.Column("past-power")[^1]));
    }

    [Fact]
    public void R1_3140_a_history_sent_again_and_again_starts_in_the_past_and_then_tells_what_is_new()
    {
        var ven = Past(10).At("18:10").IsAskedFor(Usage("past-power").Between("18:08", "PT14M").Each("PT5M"));
        ven.ReadsEachMinute("18:10", 12);

        Assert.Equal(["8", "9", "0", "1", "2", "3", "4"], ven.At("18:15").Reports().Column("past-power"));
        Assert.Equal(["5", "6", "7", "8", "9"], ven.At("18:20").Reports().Column("past-power"));
        Assert.Equal(["10", "11"], ven.At("18:22").Reports().Column("past-power"));
        Assert.Empty(ven.State.Reports);
    }

    [Theory]
    [InlineData("PT2M", 200)]
    [InlineData("PT30S", 454)]
    [InlineData("PT1H", 454)]
    public void A_granularity_is_taken_where_it_lies_within_the_rates_offered(string granularity, int code)
    {
        var ven = Past(6).At("18:06").IsAskedFor(Vtn.Wants("rr-h", "history-usage", granularity, "PT0S", "past-power").Between("18:00", "PT0S"), code);
        Assert.True(code != 200 || ven.Reports().Column("past-power").SequenceEqual(["1", "3", "5"]));
    }

    [Fact]
    public void The_past_outlives_a_new_registration()
    {
        var ven = Past(5).At("18:05").Person(VenAction.Register);
        ven.Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId, registrationId: "reg-2"));
        ven.Sends<OadrRegisterReport>(out var metadata);
        ven.Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [Usage("past-power").Between("18:00", "PT5M")], Vtn.VenId));
        ven.Sends<OadrRequestEvent>().Hears(Vtn.Distributes()).Sends<OadrCreatedReport>().Hears(Vtn.Nothing);
        Assert.Equal(["0", "1", "2", "3", "4"], ven.Reports().Column("past-power"));
    }

    [Fact]
    public void A_message_with_a_history_has_the_shape_of_the_profile_and_reads_back()
    {
        Past(5).At("18:05").IsAskedFor(Usage("past-power", "past-energy").Between("18:00", "PT0S")).Sends<OadrUpdateReport>(out var data);
        var xml = OpenAdr.Codec.OadrXml.Write(data);
        Assert.Empty(PayloadShapes.Errors(xml));
        Assert.Equal(data, OpenAdr.Codec.OadrXml.Read(xml).Message);
    }

    private VenScript Past(int minutes) => Registered(Configs.WithHistory).ReadsEachMinute("18:00", minutes);

    private static ReportRequest Usage(params string[] rIds) => Vtn.Wants("rr-h", "history-usage", "PT0S", "PT0S", rIds);
}

/// <summary>The same, pushed.</summary>
public sealed class PushedHistoryTests() : HistoryTests(VenTransport.Push);
