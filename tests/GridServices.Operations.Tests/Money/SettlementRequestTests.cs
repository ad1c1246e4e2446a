using System.Text.Json;
using GridServices.Operations.Compliance;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Money;
using GridServices.Operations.Programs;
using NodaTime;
using static GridServices.Operations.Tests.Compliance.ComplianceCase;

namespace GridServices.Operations.Tests.Money;

public sealed class SettlementRequestTests
{
    private static readonly ProgramTemplate Template = TemplateCatalog.All.First(t => t.Baseline is not null && t.Payment.EnergyPerKwh is not null);

    [Fact]
    public void An_event_gives_the_whole_request_and_the_user_types_nothing()
    {
        var body = Body(Input() with { PreviousTotal = 12.5m, Holidays = [new LocalDate(2027, 7, 5)], EarlierEvents = [CreateEvent(Local(2027, 6, 29, 22), Local(2027, 6, 30, 2)) with { Source = "openadr:sce/x" }] });
        Assert.Equal(JsonSerializer.Serialize(Template.Baseline!.Rule), JsonSerializer.Serialize(body.GetProperty("rule")));
        Assert.Equal("""{"from":"2027-07-01T23:00:00Z","until":"2027-07-02T03:00:00Z","intervalMinutes":60,"source":"meter"}""", body.GetProperty("event").GetRawText());
        Assert.Equal(("America/Los_Angeles", """["2027-06-29","2027-06-30"]""", """[{"date":"2027-07-05"}]"""), (body.GetProperty("timeZone").GetString(), body.GetProperty("earlierEvents").GetRawText(), body.GetProperty("holidays").GetRawText()));
        Assert.Equal((Template.Payment.EnergyPerKwh!.Value, 60m, 12.5m), (body.GetProperty("terms").GetProperty("energyPrice").GetDecimal(), body.GetProperty("terms").GetProperty("nominatedKw").GetDecimal(), body.GetProperty("previousTotal").GetDecimal()));
        Assert.Equal((15, 11 * 96), (body.GetProperty("intervals").GetProperty("minutes").GetInt32(), body.GetProperty("intervals").GetProperty("kWh").GetArrayLength()));
    }

    [Fact]
    public void A_gap_in_the_meter_s_data_is_null_and_never_nothing()
    {
        var values = Body(Input() with { Meter = [.. History().Where((_, i) => i != 1)] }).GetProperty("intervals").GetProperty("kWh").EnumerateArray().Take(3).Select(v => v.ValueKind);
        Assert.Equal([JsonValueKind.Number, JsonValueKind.Null, JsonValueKind.Number], values);
    }

    [Fact]
    public void Estimates_are_told_by_index_and_a_gap_is_none()
    {
        var meter = History().Select((m, i) => i is 0 or 3 or 4 or 5 or 8 ? m with { IsEstimate = true, Kwh = i == 8 ? null : m.Kwh } : m);
        Assert.Equal("""[{"from":0,"until":1},{"from":3,"until":6}]""", Body(Input() with { Meter = [.. meter] }).GetProperty("intervals").GetProperty("estimated").GetRawText());
        Assert.False(Body(Input()).GetProperty("intervals").TryGetProperty("estimated", out _));
        Assert.Equal("""[{"from":1055,"until":1056}]""", Body(Input() with { Meter = [.. History().Select((m, i) => i == 1055 ? m with { IsEstimate = true } : m)] }).GetProperty("intervals").GetProperty("estimated").GetRawText());
    }

    [Theory]
    [InlineData(0, 240, 60)]
    [InlineData(30, 210, 30)]
    [InlineData(15, 225, 15)]
    public void The_longest_interval_that_fits_is_settled_in(int from, int minutes, int interval)
    {
        var e = CreateEvent(Start + Duration.FromMinutes(from), Start + Duration.FromMinutes(from + minutes));
        Assert.Equal(interval, Body(Input() with { Event = e }).GetProperty("event").GetProperty("intervalMinutes").GetInt32());
    }

    [Fact]
    public void One_that_was_cut_short_is_settled_to_its_end() =>
        Assert.Equal("2027-07-02T00:00:00Z", Body(Input() with { Event = CreateEvent(Start, End) with { CancelledAt = Start + Duration.FromHours(1) } }).GetProperty("event").GetProperty("until").GetString());

    [Fact]
    public void What_can_not_be_settled_says_why()
    {
        var noEnergy = Template with { Payment = Template.Payment with { EnergyPerKwh = null } };
        (SettlementInput Input, string Says)[] cases =
        [
            (Input() with { Now = End - Duration.Epsilon }, "not over"),
            (Input() with { SiteId = "site-9" }, "not in the event"),
            (Input() with { Event = CreateEvent(Start, End, new SiteOpt(OptState.Out, OptSource.User)) }, "opted out"),
            (Input() with { Event = CreateEvent(Start, End) with { CancelledAt = Start } }, "cancelled before it began"),
            (Input() with { Event = CreateEvent(Start - Duration.FromHours(30), End) }, "longer than 24 hours"),
            (Input() with { Event = Nominated(CreateEvent(Start + Duration.FromMinutes(7), End)) }, "shorter intervals"),
            (Input() with { Template = Template with { Baseline = null } }, "no baseline rule"),
            (Input() with { ShortfallPenaltyPerKwh = 0.5m, Event = CreateEvent(Start, End) with { Sites = [CreateEvent(Start, End).Sites[0] with { NominatedKw = null }] } }, "what the site nominated for 2027-07-01"),
            (Input() with { Template = noEnergy }, "pays no energy"),
            (Input() with { Meter = [] }, "no intervals"),
            (Input() with { Meter = [.. History(), new MeterInterval(End, End + Duration.FromMinutes(5), 1)] }, "not of one length"),
            (Input() with { Meter = [.. History(), History().First()] }, "overlap"),
        ];
        Assert.All(cases, c =>
        {
            var request = SettlementRequest.Create(c.Input);
            Assert.Null(request.Json);
            Assert.Contains(request.Problems, p => p.Contains(c.Says, StringComparison.Ordinal));
        });
    }

    [Fact]
    public void What_was_nominated_matters_where_a_shortfall_is_fined_and_else_is_a_warning()
    {
        var unfined = Input() with { Event = CreateEvent(Start, End) with { Sites = [CreateEvent(Start, End).Sites[0] with { NominatedKw = null }] } };
        Assert.NotNull(SettlementRequest.Create(unfined).Json);
        Assert.Contains("is not known", SettlementRequest.NominationUnknown(unfined), StringComparison.Ordinal);
        Assert.Null(SettlementRequest.NominationUnknown(Input()));
        var unknown = unfined with { ShortfallPenaltyPerKwh = 0.5m };
        Assert.Null(SettlementRequest.Create(unknown).Json);
        Assert.NotNull(SettlementRequest.Create(unknown with { IsBaselineOnly = true }).Json);
        Assert.NotNull(SettlementRequest.Create(unknown with { Template = Template with { Nomination = Template.Nomination with { Rule = NominationRule.None } } }).Json);
    }

    [Fact]
    public void Holidays_of_the_programs_calendar_are_told_and_where_none_are_known_that_is_said()
    {
        var holiday = new ExcludedDay { Name = "a holiday", Annual = new AnnualDate(6, 28), Source = "test", Certainty = Certainty.Judgement };
        var known = Input() with { Template = Template with { Calendar = Template.Calendar with { ExcludedDays = [holiday, holiday with { Annual = new AnnualDate(6, 22), Through = new AnnualDate(6, 24) }] } } };
        Assert.Equal("""[{"date":"2027-06-28"}]""", Body(known).GetProperty("holidays").GetRawText());
        Assert.Null(SettlementRequest.HolidaysUnknown(known));
        var unknown = Input() with { Template = Template with { Calendar = Template.Calendar with { ExcludedDays = [] } } };
        Assert.Contains("no holidays are known", SettlementRequest.HolidaysUnknown(unknown), StringComparison.Ordinal);
        var any = Template.Baseline! with { Rule = JsonSerializer.SerializeToElement(new { name = "all days", windowDays = 10, select = 10, days = "any" }) };
        Assert.Null(SettlementRequest.HolidaysUnknown(unknown with { Template = unknown.Template with { Baseline = any } }));
    }

    [Fact]
    public void The_weather_and_the_rules_that_stand_in_are_sent_where_the_program_says_so()
    {
        Assert.False(Body(Input()).TryGetProperty("fallbacks", out _));
        Assert.False(Body(Input()).TryGetProperty("weather", out _));
        var fallbacks = JsonSerializer.SerializeToElement(new[] { new { name = "the day before", windowDays = 1, select = 1, days = "any" } });
        var terms = Template.Baseline! with { Fallbacks = fallbacks, Weather = new WeatherTerms("test", Certainty.Judgement) { Field = "station" } };
        var weather = Input() with { Template = Template with { Baseline = terms }, WeatherStation = terms.FindStation(Answers.None.With("station", "KOAK")) };
        Assert.Equal("""[{"name":"the day before","windowDays":1,"select":1,"days":"any"}]""", Body(weather).GetProperty("fallbacks").GetRawText());
        Assert.Equal("""{"station":"KOAK"}""", Body(weather).GetProperty("weather").GetRawText());
        Assert.Null(SettlementRequest.StationUnknown(weather));
        Assert.Null(SettlementRequest.StationUnknown(Input()));
        Assert.Contains("(station)", SettlementRequest.StationUnknown(weather with { WeatherStation = terms.FindStation(Answers.None) }), StringComparison.Ordinal);
        Assert.Equal("KJFK", (terms with { Weather = new WeatherTerms("test", Certainty.Judgement) { Station = "KJFK" } }).FindStation(Answers.None));
    }

    [Fact]
    public void A_baseline_alone_is_asked_for_while_the_event_goes_on_and_of_programs_that_pay_no_energy()
    {
        var live = Input() with { Now = Start + Duration.FromHours(1), IsBaselineOnly = true, Template = Template with { Payment = Template.Payment with { EnergyPerKwh = null } }, PreviousTotal = 1 };
        var body = Body(live);
        Assert.False(body.TryGetProperty("terms", out _));
        Assert.False(body.TryGetProperty("previousTotal", out _));
        Assert.Null(SettlementRequest.Create(live with { Event = CreateEvent(Start, End) with { Sites = [CreateEvent(Start, End).Sites[0] with { Until = null }] } }).Json);
    }

    [Fact]
    public void Ledger_lines_are_to_the_currency_s_unit_and_each_document_once()
    {
        LedgerLine line = new("ACME", "4711", 12.5m, "EUR", "2027-07", "R-1", "=bill");
        Assert.Equal("customer,account,amount,currency,period,document_no,text\r\nACME,4711,12.50,EUR,2027-07,R-1,'=bill\r\nACME,4711,-3,JPY,2027-07,R-2,\r\n", LedgerLines.ToCsv([line, line with { Amount = -3, Currency = "JPY", DocumentNo = "R-2", Text = "" }]));
        Assert.Throws<ArgumentException>(() => LedgerLines.ToCsv([line with { Amount = 12.505m }]));
        Assert.Throws<ArgumentException>(() => LedgerLines.ToCsv([line, line]));
        Assert.Equal([2, 0, 3], new[] { "USD", "JPY", "KWD" }.Select(LedgerLines.GetDigits));
    }

    private static SettlementInput Input() => new()
    {
        Event = Nominated(CreateEvent(Start, End)),
        SiteId = "site-1",
        Zone = Zone,
        Template = Template,
        Meter = [.. History()],
        Now = End,
    };

    private static Event Nominated(Event e) => e with { Sites = [e.Sites[0] with { NominatedKw = 60 }] };

    private static IEnumerable<MeterInterval> History() => Meter(Local(2027, 6, 21, 0), Local(2027, 7, 2, 0), 15, _ => 100);

    private static JsonElement Body(SettlementInput input)
    {
        var request = SettlementRequest.Create(input with { Event = Nominated(input.Event) });
        Assert.Empty(request.Problems);
        using var document = JsonDocument.Parse(request.Json!);
        return document.RootElement.Clone();
    }
}
