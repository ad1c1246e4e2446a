using System.Xml.Linq;
using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Reports;
using GridServices.OpenAdr.Tests.Scripts;
using GridServices.Testing;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Reports;

/// <summary>Histories of which the VEN does not keep what is asked for: from a meter, and from further back than its points.</summary>
public class MeteredHistoryTests : EitherWay
{
    private static readonly Duration Quarter = Duration.FromMinutes(15);
    private static readonly XNamespace Espi = "http://naesb.org/espi";

    public MeteredHistoryTests()
        : this(VenTransport.Pull)
    {
    }

    protected MeteredHistoryTests(VenTransport transport)
        : base(transport)
    {
    }

    private static VenConfig Config => (Configs.Ven with
    {
        Reports =
        [
            new ReportConfig { Kind = ReportKind.HistoryUsage, RId = "energy", Source = ReportSources.EnergyImportWh, Meter = "m-1", SamplingInterval = Quarter },
            new ReportConfig { Kind = ReportKind.HistoryUsage, RId = "power", Source = ReportSources.NetPowerW, Meter = "m-1", SamplingInterval = Quarter },
            new ReportConfig { Kind = ReportKind.HistoryUsage, RId = "sampled", Source = ReportSources.NetPowerW },
            new ReportConfig { Kind = ReportKind.HistoryGreenButton, RId = "button", Source = ReportSources.EnergyImportWh, Meter = "m-1", SamplingInterval = Quarter },
        ],
    }).Asking(PastSources.Hub | PastSources.Tariffs);

    [Fact]
    public void A_day_of_long_ago_comes_in_quarter_hours_each_with_its_own_quality()
    {
        var ven = Registered(Config).IsAskedFor(Day("energy"));
        var question = Assert.Single(PastQuestions.Due(ven.Config, ven.State, ven.Now));
        Assert.Equal((Vtn.Time("2027-01-05T08:00:00Z"), Vtn.Time("2027-01-06T08:00:00Z"), "m-1"), (question.From, question.Until, Assert.Single(question.Metered).Meter));

        var grid = question.ComputeGrid(Quarter, question.From);
        ven.Finds(question, grid, (i => i == 3 ? null : 250 + i, i => i switch { 1 => MeteredQuality.Estimated, 2 => MeteredQuality.Partial, _ => MeteredQuality.Measured }));
        var report = ven.Reports();

        Assert.Equal(96, report.Intervals.Count);
        Assert.All(report.Intervals, i => Assert.Equal(Quarter, i.Duration!.ToDuration()));
        Assert.Equal((question.From, Duration.FromDays(1)), (report.Start, report.Duration!.ToDuration()));
        Assert.Equal(
            [(250d, DataQuality.Good), (251d, DataQuality.Uncertain), (252d, DataQuality.UncertainSubNormal), (0d, DataQuality.Bad), (254d, DataQuality.Good)],
            report.Intervals.Take(5).Select(i => (i.Payloads[0].Value!.Value, i.Payloads[0].Quality)));
        Assert.Empty(ven.State.Reports);
    }

    [Fact]
    public void While_the_data_are_fetched_the_VEN_polls_and_owes_the_report()
    {
        var ven = Registered(Config).IsAskedFor(Day("energy"));
        ven.PollsInVain();
        Assert.IsType<VenNext.WaitUntil>(ven.At("18:00:01").NextButPolls());
        Assert.Single(ven.State.Reports);
        var question = Assert.Single(PastQuestions.Due(ven.Config, ven.State, ven.Now));
        ven.Finds(question, question.ComputeGrid(Quarter, question.From), (_ => 1, _ => MeteredQuality.Measured)).Sends<OadrUpdateReport>();
        Assert.Empty(PastQuestions.Due(ven.Config, ven.State, ven.Now));
    }

    [Fact]
    public void After_an_hour_without_an_answer_what_is_known_is_sent_and_the_rest_marked_bad()
    {
        var ven = Registered(Config);
        foreach (var (at, watts, register) in new[] { ("17:00", 10L, 1000L), ("17:15", 20, 1300), ("17:30", 30, 1350), ("17:46", 40, 1400) })
        {
            ven.Reads(at, watts, register: register);
        }

        ven.At("18:00").IsAskedFor(Usage("energy", "power").Between("17:00", "PT1H"));
        Assert.IsType<VenNext.WaitUntil>(ven.At("18:59:59").NextButPolls());
        var report = ven.At("19:00").Reports();
        Assert.Equal(["300", "50", "50", "bad"], report.Column("energy"));
        Assert.Equal(["10", "20", "30", "40"], report.Column("power"));
    }

    [Fact]
    public void A_history_that_waited_an_hour_for_its_readings_is_sent_again_where_the_vtn_does_not_take_it_at_once()
    {
        var ven = Registered(Config with { ReportBufferPoints = 2 }).IsAskedFor(Day("energy"));
        ven.At("19:00:01").Fails(TransportFailure.HttpStatus, 503);
        Assert.Equal(1, Assert.Single(ven.State.Reports).Failures);
        Assert.False(ven.Noted(NoteKind.MessageGivenUp, NoteLevel.Alarm));
    }

    [Fact]
    public void What_was_fetched_for_a_plan_of_a_clock_that_was_put_back_since_is_fetched_anew()
    {
        var ven = VenScript.Registered(Config, at: "2027-01-16T18:00:00Z").IsAskedFor(Usage("energy").Between("2027-01-16T18:00:00Z", "PT0S").Each("PT1H"));
        var question = Assert.Single(PastQuestions.Due(ven.Config, ven.At("2027-01-16T19:00:00Z").State, ven.Now));
        ven.Finds(question, question.ComputeGrid(Quarter, question.From), (_ => 1, _ => MeteredQuality.Measured));
        Assert.NotNull(Assert.Single(ven.State.Reports).Fetched);

        ven.At("18:30").Takes(new VenInput.Tick());
        Assert.Equal(Vtn.Time("19:30"), Assert.Single(PastQuestions.Due(ven.Config, ven.At("19:30").State, ven.Now)).Until);
    }

    [Fact]
    public void After_an_outage_longer_than_the_points_kept_a_meter_tells_each_of_its_intervals_once()
    {
        var ven = Registered(Config with { ReportBufferPoints = 256 }).IsAskedFor(Usage("energy").Between("18:00", "PT0S").Each("P1D"));
        ven.After(Duration.FromDays(6));
        var told = new List<Instant>();
        while (PastQuestions.Due(ven.Config, ven.State, ven.Now) is [var question])
        {
            ven.Finds(question, question.ComputeGrid(Quarter, question.From), (_ => 1, _ => MeteredQuality.Measured));
            ven.NextButPolls();
            told.AddRange(ven.Reports().Intervals.Select(i => i.Start!.Value));
        }

        Assert.Equal(Enumerable.Range(0, 6 * 96).Select(i => Vtn.Time("18:00") + (Quarter * i)), told);
    }

    [Fact]
    public void An_answer_for_a_message_that_was_sent_or_cancelled_changes_nothing()
    {
        var ven = Registered(Config).IsAskedFor(Day("energy"));
        var question = Assert.Single(PastQuestions.Due(ven.Config, ven.State, ven.Now));
        ven.At("19:00").Reports();
        var before = ven.State;
        ven.Finds(question, question.ComputeGrid(Quarter, question.From), (_ => 1, _ => MeteredQuality.Measured));
        Assert.Same(before, ven.State);
    }

    [Theory]
    [InlineData(58, 2, false)]
    [InlineData(10, 40, true)]
    [InlineData(60, 1, false)]
    public void What_is_missing_between_the_points_kept_is_asked_of_the_hub(int first, int last, bool isAsked)
    {
        var ven = Registered(Config).ReadsEachMinute("2027-01-15T17:00:00Z", first).ReadsEachMinute($"2027-01-15T17:{60 - last:00}:00Z", last % 60).At("18:00").IsAskedFor(Usage("sampled").Between("17:00", "PT1H"));
        Assert.Equal(isAsked ? ["sampled"] : [], PastQuestions.Due(ven.Config, ven.State, ven.Now).SelectMany(q => q.Sampled).Select(c => c.RId));
    }

    [Fact]
    public void A_VTN_that_takes_nothing_is_fetched_no_more_than_a_bound()
    {
        var ven = Registered(Config with { ReportBufferPoints = 10_000 });
        foreach (var id in new[] { "a", "b", "c" })
        {
            ven.IsAskedFor((Usage("energy") with { ReportRequestId = id }).Between("2026-01-05T08:00:00Z", "PT0S"));
        }

        foreach (var question in PastQuestions.Due(ven.Config, ven.State, ven.Now).Take(2))
        {
            ven.Finds(question, question.ComputeGrid(Quarter, question.From), (i => i, _ => MeteredQuality.Measured));
        }

        Assert.Equal([10_000, 10_000], ven.State.Reports.Where(r => r.Fetched is not null).Select(r => r.Fetched!.Metered[0].Values.Count));
        Assert.Empty(PastQuestions.Due(ven.Config, ven.State, ven.Now));
        ven.Reports();
        Assert.Equal("c", Assert.Single(PastQuestions.Due(ven.Config, ven.State, ven.Now)).ReportRequestId);
    }

    [Fact]
    public void Nothing_kept_at_all_is_one_bad_interval()
    {
        var ven = Registered(Config).IsAskedFor(Day("energy"));
        var question = Assert.Single(PastQuestions.Due(ven.Config, ven.State, ven.Now));
        var report = ven.Finds(question, question.ComputeGrid(Quarter, null), (_ => null, _ => MeteredQuality.Measured)).Reports();
        Assert.Equal((DataQuality.Bad, Duration.FromDays(1)), (Assert.Single(report.Intervals).Payloads[0].Quality, report.Duration!.ToDuration()));
    }

    [Fact]
    public void A_history_sent_again_and_again_is_fetched_for_each_message()
    {
        var ven = Registered(Config).IsAskedFor(Usage("energy").Between("17:00", "PT2H").Each("PT1H"));
        var first = Assert.Single(PastQuestions.Due(ven.Config, ven.At("19:00").State, ven.Now));
        Assert.Equal((Vtn.Time("17:00"), Vtn.Time("19:00")), (first.From, first.Until));
        ven.Finds(first, first.ComputeGrid(Quarter, first.From), (i => i, _ => MeteredQuality.Measured));
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7"], ven.Reports().Column("energy"));
        Assert.Empty(ven.State.Reports);
    }

    [Fact]
    public void A_feed_has_the_energy_of_each_interval_and_says_what_is_no_measurement()
    {
        var ven = Registered(Config).IsAskedFor(Vtn.Wants("rr-h", "history-greenbutton", "PT0S", "PT0S", "button").Between("17:00", "PT1H"));
        var question = Assert.Single(PastQuestions.Due(ven.Config, ven.State, ven.Now));
        ven.Finds(question, question.ComputeGrid(Quarter, question.From), (i => i == 2 ? null : i, i => i == 1 ? MeteredQuality.Estimated : MeteredQuality.Measured));
        var feed = XDocument.Load(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(Assert.Single(Assert.Single(ven.Reports().Intervals).GreenButtonFeeds))));
        Assert.Equal(["0 ", "1 16", "3 "], feed.Descendants(Espi + "IntervalReading").Select(r => $"{r.Element(Espi + "value")!.Value} {r.Element(Espi + "ReadingQuality")?.Value}"));
        Assert.Equal("900", feed.Descendants(Espi + "intervalLength").Single().Value);
    }

    [Fact]
    public void What_lies_before_the_points_kept_is_asked_of_the_hub_and_told_with_them()
    {
        var ven = Registered(Config).Reads("18:02", 102).Reads("18:03", 103).At("18:04").IsAskedFor(Usage("sampled").Between("18:00", "PT0S"));
        var question = Assert.Single(PastQuestions.Due(ven.Config, ven.State, ven.Now));
        Assert.Equal("sampled", Assert.Single(question.Sampled).RId);

        var points = new SampledPoints(question.Sampled[0], question.From, Duration.FromMinutes(1));
        foreach (var (at, watts) in new[] { ("18:00:05", 1L), ("18:00:35", 2), ("18:02:30", 3) })
        {
            points.Add(new Reading { At = Vtn.Time(at), NetPowerW = watts });
        }

        ven.Takes(new VenInput.PastFetched(question.ReportRequestId, question.Due, new FetchedPast(null, [], [points.ToChannel()])));
        Assert.Equal(["1", "1 held", "102", "103"], ven.Reports().Column("sampled"));
        Assert.Equal(2, ven.State.Points["sampled"].Count);
    }

    [Fact]
    public void What_the_points_kept_cover_is_asked_of_nobody()
    {
        var ven = Registered(Config).ReadsEachMinute("18:00", 5).At("18:05").IsAskedFor(Usage("sampled").Between("18:00", "PT0S"));
        Assert.Empty(PastQuestions.Due(ven.Config, ven.State, ven.Now));
        Assert.Equal(["0", "1", "2", "3", "4"], ven.Reports().Column("sampled"));
    }

    [Fact]
    public void Of_readings_the_first_of_a_slot_counts_and_of_slots_the_last_of_an_interval()
    {
        var points = new SampledPoints(Config.Reports[2], Vtn.Time("18:00"), Duration.FromMinutes(5));
        for (var i = 0; i < 20; i++)
        {
            points.Add(new Reading { At = Vtn.Time("18:00") + (Duration.FromSeconds(30) * i), NetPowerW = i });
        }

        points.Add(new Reading { At = Vtn.Time("18:10"), NetPowerW = 99, AssetId = "ev" });
        Assert.Equal([(Vtn.Time("18:04"), 8L), (Vtn.Time("18:09"), 18L)], points.ToChannel().Points.Select(p => (p.At, p.Value!.Value)));
    }

    [Fact]
    public void METADATA_offers_a_meters_history_as_far_as_it_can_be_asked()
    {
        var ven = Unregistered(Config with { Quirks = new() { SkipQueryRegistration = true }, Reports = [Config.Reports[0]] });
        ven.Hears(Vtn.Registers("req-1")).Sends<OadrRegisterReport>(out var metadata);
        Assert.Equal(Duration.FromDays(400), metadata.Reports[0].Duration!.ToDuration());
        Assert.Empty(PayloadShapes.Errors(OpenAdr.Codec.OadrXml.Write(metadata)));
    }

    [Fact]
    public void Without_a_Tariffs_service_a_meter_changes_nothing()
    {
        var ven = Registered(Config.Asking(PastSources.None)).Reads("17:45", 7, register: 1000).At("18:00").IsAskedFor(Usage("energy").Between("17:45", "PT15M"));
        Assert.Equal(["1000"], ven.Reports().Column("energy"));
    }

    [Fact]
    public void A_meter_at_a_channel_of_telemetry_is_refused() => Assert.Contains(
        VenConfigRules.Check(Configs.Ven with { Reports = [new ReportConfig { Kind = ReportKind.TelemetryUsage, RId = "now", Meter = "m 1" }] }),
        f => f.Pointer == "/reports/0/meter" && f.Detail.Contains("HISTORY", StringComparison.Ordinal));

    private static ReportRequest Day(params string[] rIds) => Usage(rIds).Between("2027-01-05T08:00:00Z", "PT24H");

    private static ReportRequest Usage(params string[] rIds) => Vtn.Wants("rr-h", "history-usage", "PT0S", "PT0S", rIds);
}

/// <summary>The same, pushed.</summary>
public sealed class PushedMeteredHistoryTests() : MeteredHistoryTests(VenTransport.Push);
