using System.Text;
using System.Text.Json;
using GridServices.Operations.Bulk;
using GridServices.Operations.Compliance;
using GridServices.Operations.Events;
using GridServices.Operations.Money;
using GridServices.Operations.Programs;
using GridServices.Operations.Tests.Compliance;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Settlement;
using NodaTime;
using static GridServices.Operations.Tests.Compliance.ComplianceCase;

namespace GridServices.Operations.Tests.Money;

/// <summary>What is made here is read by the Tariffs service's own readers, and what they answer is understood.</summary>
public sealed class TariffsTakeItTests
{
    public static TheoryData<string> Programs => [.. TemplateCatalog.All.Where(t => t.Baseline is not null && t.Payment.EnergyPerKwh is not null).Select(t => t.Code)];

    [Theory]
    [MemberData(nameof(Programs))]
    public void The_settlement_of_every_program_that_pays_energy_is_calculated(string code)
    {
        var settled = Settled(Input(code, CreateEvent(Start, End), 60));
        Assert.Equal(4, settled.Baseline().DeliveredKwh.Length);
        Assert.Equal(240, settled.Baseline().DeliveredTotalKwh);
        var settlement = DemandResponseSettlement.Compute(settled.Baseline(), settled.Terms!);
        Assert.Equal(240 * TemplateCatalog.Find(code)!.Payment.EnergyPerKwh!.Value, settlement.EnergyPayment);
        Assert.False(settlement.Provisional);
    }

    [Fact]
    public void An_estimate_in_the_event_or_in_a_day_of_its_baseline_is_settled_as_one()
    {
        var input = Input(Programs.First().Data, CreateEvent(Start, End), 60);
        var hour = Settle(input with { Meter = [.. input.Meter.Select(m => m with { IsEstimate = m.From >= Start && m.From < Start + Duration.FromHours(1) })] });
        Assert.Equal((4, 1, true), (hour.MeasuredIntervals, hour.EstimatedIntervals, hour.Provisional));
        var before = Settle(input with { Meter = [.. input.Meter.Select(m => m with { IsEstimate = m.From >= Start - Duration.FromDays(1) && m.From < Start - Duration.FromHours(20) })] });
        Assert.Equal((4, 4, true), (before.MeasuredIntervals, before.EstimatedIntervals, before.Provisional));
        Assert.Equal((0, false), Settle(input) is var measured ? (measured.EstimatedIntervals, measured.Provisional) : default);

        DemandResponseSettlement Settle(SettlementInput of) => Settled(of) is var settled ? DemandResponseSettlement.Compute(settled.Baseline(), settled.Terms!) : throw new InvalidOperationException();
    }

    [Fact]
    public void A_rule_that_is_used_for_want_of_temperatures_gives_the_baseline_and_the_reason()
    {
        var input = Input(Programs.First().Data, CreateEvent(Start, End), 60);
        var rule = System.Text.Json.JsonSerializer.SerializeToElement(new { name = "nearest by temperature", windowDays = 3, select = 2, days = "any", weather = new { } });
        var fallbacks = System.Text.Json.JsonSerializer.SerializeToElement(new[] { new { name = "the day before", windowDays = 1, select = 1, days = "any" } });
        var terms = new BaselineTerms(rule, "test", Certainty.Judgement) { Fallbacks = fallbacks, Weather = new WeatherTerms("test", Certainty.Judgement) { Station = "KOAK" } };
        var settled = Settled(input with { Template = input.Template with { Baseline = terms }, WeatherStation = "KOAK" });
        Assert.Equal("KOAK", settled.Station);
        Assert.Equal(("the day before", "nearest by temperature"), (settled.Baseline().Rule.Name, settled.Baseline().InsteadOf.Single().Rule));
        var settlement = DemandResponseSettlement.Compute(settled.Baseline(), settled.Terms!);
        Assert.True(settlement.Provisional);
        Assert.Contains("the day before", settlement.BaselineFallback, StringComparison.Ordinal);
    }

    [Fact]
    public void The_baseline_of_an_event_that_goes_on_is_calculated_from_what_the_meter_has()
    {
        var input = Input(Programs.First().Data, CreateEvent(Start, End), 60);
        var half = Start + Duration.FromHours(2);
        var made = Operations.Money.SettlementRequest.Create(input with { IsBaselineOnly = true, Now = half, Meter = [.. input.Meter.Where(m => m.From < half)] });
        var baseline = SettlementRequestJson.Read(Encoding.UTF8.GetBytes(made.Json!)).OrThrow().Baseline();
        Assert.Equal([100m, 100m, 100m, 100m], baseline.AdjustedKw);
        Assert.Equal([60m, 60m, null, null], baseline.DeliveredKwh);
    }

    [Fact]
    public void An_event_over_midnight_in_quarter_hours_is_calculated()
    {
        var (from, until) = (Local(2027, 7, 1, 22, 15), Local(2027, 7, 2, 1, 30));
        var settled = Settled(Input(Programs.First().Data, CreateEvent(from, until), 15));
        Assert.Equal(13, settled.Baseline().DeliveredKwh.Length);
    }

    [Fact]
    public void Its_baseline_makes_the_same_delivery_in_the_compliance_report()
    {
        var input = Input(Programs.First().Data, CreateEvent(Start, End), 60);
        var outcome = Settled(input).Baseline();
        var report = ComplianceCalculator.Report(ComplianceCase.Input() with
        {
            Baseline = BaselineInterval.Create([.. outcome.Starts], outcome.IntervalMinutes, outcome.AdjustedKw, [.. outcome.BaselineSource.Select(s => JsonNamingPolicy.CamelCase.ConvertName(s.ToString()))]),
            Meter = input.Meter,
        });
        Assert.Equal((outcome.DeliveredTotalKwh, ReportStatus.Final), (report.DeliveredKwh, report.Status));
    }

    [Theory]
    [InlineData(300)]
    [InlineData(3000)]
    public void A_bill_is_split_among_sessions_to_the_cent(int count)
    {
        var grid = new BillGrid(Instant.FromUtc(2027, 7, 1, 7, 0), 60, 31 * 24);
        ChargingSession[] sessions =
        [
            .. Enumerable.Range(0, count).Select(i => new ChargingSession
            {
                Id = $"s{i}", Evse = $"E{i % 20:00}", Parts = [new SessionPart(grid.Start + Duration.FromMinutes(i * 37L % 43_000), grid.Start + Duration.FromMinutes(i * 37L % 43_000 + 30 + i % 60), (i * 7919 % 60_000 + 500) / 1000m)],
            }),
        ];
        var rows = AllocationRows.From(sessions, grid);
        var request = AllocationRequestJson.Read(Allocation(rows, AllocationRows.From(sessions, grid, mostBytes: 0), grid)).OrThrow();
        var (bill, costs, _) = request.Split();
        var payable = costs.ToDictionary(c => c.Id, c => c.Payable, StringComparer.Ordinal);
        var shares = rows.Shares(payable, grid, "USD");
        Assert.False(rows.ByEvse);
        Assert.Equal((count, bill.Payable), (shares.Count, shares.Sum(s => s.Payable) + payable["(site)"]));
        Assert.All(shares, s => Assert.True(s.Payable > 0));
    }

    private static Tariffs.Requests.SettlementRequest Settled(SettlementInput input)
    {
        var made = Operations.Money.SettlementRequest.Create(input);
        Assert.Empty(made.Problems);
        return SettlementRequestJson.Read(Encoding.UTF8.GetBytes(made.Json!), withTerms: true).OrThrow();
    }

    /// <summary>100 kW in all of June and July, 40 kW in the event.</summary>
    private static SettlementInput Input(string code, Event e, int minutes) => new()
    {
        Event = e with { Sites = [e.Sites[0] with { NominatedKw = 60 }] },
        SiteId = "site-1",
        Zone = Zone,
        Template = TemplateCatalog.Find(code)!,
        IntervalMinutes = minutes,
        Meter = [.. Meter(Local(2027, 4, 1, 0), Local(2027, 7, 3, 0), 15, _ => 100).Select(m => m.From >= e.From && m.From < e.Until ? m with { Kwh = 10 } : m)],
        Now = End + Duration.FromDays(1),
    };

    private static byte[] Allocation(AllocationRows rows, AllocationRows spread, BillGrid grid)
    {
        var site = Enumerable.Range(0, grid.Count).Select(i => spread.Users.Sum(u => u.Kwh[i]) + 5);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WritePropertyName("tariff");
            json.WriteRawValue("""{"schemaVersion":1,"id":"t","currency":"USD","timeZone":"America/Los_Angeles","energy":[{"id":"e","rates":[{"period":"all","tiers":[{"price":0.213}]}]}],"demand":[{"id":"d","rates":[{"period":"all","tiers":[{"price":17.77}]}]}]}""");
            json.WritePropertyName("intervals");
            json.WriteRawValue($$"""{"start":"{{grid.Start}}","minutes":{{grid.Minutes}},"kWh":[{{string.Join(',', site.Select(v => CsvText.Number(v)))}}]}""");
            json.WriteString("method", "energyShare");
            rows.Write(json);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
