using System.Globalization;
using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Allocation;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using NodaTime;

namespace GridServices.Tariffs.Tests.Allocation;

/// <summary>Sessions as rows, CSV and OCPI share a bill by the time in which their energy flowed; each can be asked why it pays what it pays.</summary>
public sealed class SessionAllocationTests
{
    private const string Tou = """
        {"schemaVersion":1,"id":"t","currency":"EUR","timeZone":"Etc/UTC",
         "schedules":[{"id":"tou","rules":[{"period":"on","from":"12:00","until":"18:00"},{"period":"off"}]}],
         "energy":[{"id":"energy","schedule":"tou","rates":[{"period":"on","tiers":[{"price":0.5}]},{"period":"off","tiers":[{"price":0.1}]}]}],
         "demand":[{"id":"demand","window":{"minutes":30},"rates":[{"period":"all","tiers":[{"price":10}]}]}],
         "fixed":[{"id":"basic","amount":24,"per":"day"}],
         "adjustments":[{"id":"vat","percent":20}]}
        """;

    [Fact]
    public void A_session_pays_for_the_time_in_which_its_energy_flowed()
    {
        // 40 kWh from 11:50 to 12:10, half of it on-peak: 120 kW in the window 11:30 to 12:00 for ten of its 30 minutes, and the same in the next.
        var (bill, costs, _) = Split("""{"rows":[{"id":"s","start":"2026-01-15T11:50:00Z","end":"2026-01-15T12:10:00Z","kWh":40}]}""", Minutes((710, 730, 120)));
        var session = costs.Single(c => c.Id == "s");
        Assert.Equal((40m, 20 * 0.5m + 20 * 0.1m, 400m, 24m), (session.Kwh, session.Exact[LineKind.Energy], session.Exact[LineKind.Demand], session.Exact[LineKind.Fixed]));
        Assert.Equal(bill.Payable, session.Payable);
    }

    [Theory]
    [InlineData("2026-01-15T11:07:13Z", "2026-01-15T12:41:59Z", "33.333333")]
    [InlineData("2026-01-15T00:00:01Z", "2026-01-15T00:00:02Z", "0.000000000007")]
    [InlineData("2026-01-14T20:00:00Z", "2026-01-16T03:00:00Z", "31")]
    public void Energy_on_the_sites_intervals_is_the_sessions_to_the_last_digit(string start, string end, string kwh)
    {
        var request = Read($$"""{"rows":[{"id":"s","start":"{{start}}","end":"{{end}}","kWh":{{kwh}}}]}""", Minutes((0, 1440, 100))).OrThrow();
        var inside = request.Users[0].Series;
        var whole = decimal.Parse(kwh, CultureInfo.InvariantCulture);
        Assert.Equal(start.StartsWith("2026-01-14", StringComparison.Ordinal) ? 24m : whole, inside.Kwh(Enumerable.Range(0, inside.Count).Aggregate((Int128)0, (sum, i) => sum + inside.Values[i])));
        Assert.True(inside.Count <= 1440 && inside.StepSeconds == 60);
    }

    [Fact]
    public void Rows_of_csv_are_summed_up_by_user_and_station_with_their_margins()
    {
        const string csv = "id,start,end,kWh,evse,user,paid\\na,2026-01-15T01:00:00Z,2026-01-15T02:00:00Z,10,north,ann,9\\nb,2026-01-15T03:00:00+01:00,2026-01-15T04:00:00+01:00,10,south,ann,1\\nc,2026-01-15T04:00:00Z,2026-01-15T05:00:00Z,5,south,bob,";
        var (bill, costs, _) = Split($$"""{"csv":"{{csv}}"}""", Minutes((60, 180, 10), (240, 300, 5)));
        var request = Read($$"""{"csv":"{{csv}}"}""", Minutes((60, 180, 10), (240, 300, 5))).OrThrow();
        Assert.Equal(bill.Payable, costs.Sum(c => c.Payable));
        Assert.Equal(["ann 2 20 10", "bob 1 5 "], request.ByOwner(costs).Select(o => FormattableString.Invariant($"{o.User} {o.Sessions} {o.Kwh} {o.Paid}")));
        Assert.Equal(10 - costs.Where(c => c.Id is "a" or "b").Sum(c => c.Payable), request.ByOwner(costs)[0].Margin);
        Assert.Equal(["north", "south"], request.ByStation(costs).Select(s => s.Station));
        Assert.Null(request.ByStation(costs)[1].Margin);
    }

    [Fact]
    public void Every_row_that_cannot_be_read_is_named_with_its_line()
    {
        var read = Read("""{"csv":"start,end,kWh\n2026-01-15 01:00,2026-01-15T02:00:00Z,1\n2026-01-15T01:00:00Z,2026-01-15T02:00:00Z,x\n2026-01-15T03:00:00Z,2026-01-15T02:00:00Z,1\n1,2"}""", Minutes((0, 1440, 1)));
        Assert.False(read.Ok);
        Assert.Equal(["line 2", "line 3", "line 4", "line 5"], read.Refusals.Select(r => r.Detail[..6]));
        Assert.Equal([ErrorClass.SemanticTime, ErrorClass.SemanticNumber, ErrorClass.SemanticTime, ErrorClass.Malformed], read.Refusals.Select(r => r.Class));
    }

    [Theory]
    [InlineData("""{"rows":[{"id":"s","start":"2026-01-15T01:00:00Z","end":"2026-01-15T02:00:00Z","kWh":-1}]}""", ErrorClass.SemanticNumber)]
    [InlineData("""{"rows":[{"id":"s","start":"2026-01-15T01:00:00Z","end":"2026-03-15T02:00:00Z","kWh":1}]}""", ErrorClass.SemanticTime)]
    [InlineData("""{"rows":[{"id":"s","start":"2026-01-18T01:00:00Z","kWh":1}]}""", ErrorClass.SemanticTime)]
    [InlineData("""{"csv":"start,kWh"}""", ErrorClass.SchemaInvalid)]
    [InlineData("""{"rows":[]}""", ErrorClass.LimitCount)]
    [InlineData("""{"rows":[{"id":"s","start":"2026-01-15T01:00:00Z","end":"2026-01-15T02:00:00Z","kWh":1},{"id":"s","start":"2026-01-15T01:00:00Z","end":"2026-01-15T02:00:00Z","kWh":1}]}""", ErrorClass.DuplicateId)]
    [InlineData("""{"ocpi":[{"id":"c","credit":true}]}""", ErrorClass.SemanticCode)]
    [InlineData("""{"ocpi":[{"id":"c","currency":"USD"}]}""", ErrorClass.Unit)]
    public void Sessions_that_mean_nothing_are_refused(string sessions, ErrorClass kind) => Assert.Contains(Read(sessions, Minutes((0, 1440, 1))).Refusals, r => r.Class == kind);

    /// <summary>2.1.1, 2.2.1 and 2.3.0 say the same in their own words.</summary>
    [Theory]
    [InlineData("""{"id":"c","start_date_time":"2026-01-15T11:30:00Z","stop_date_time":"2026-01-15T12:30:00Z","auth_id":"ann","location":{"id":"loc","evses":[{"uid":"e-1"}]},"currency":"EUR","charging_periods":[PERIODS],"total_cost":7.5,"total_energy":45,"total_time":1}""")]
    [InlineData("""{"id":"c","start_date_time":"2026-01-15T11:30:00Z","end_date_time":"2026-01-15T12:30:00Z","cdr_token":{"uid":"t","contract_id":"ann"},"cdr_location":{"id":"loc","evse_uid":"e-1"},"currency":"EUR","charging_periods":[PERIODS],"total_cost":{"excl_vat":7.5,"incl_vat":9},"total_energy":45,"total_time":1}""")]
    [InlineData("""{"id":"c","start_date_time":"2026-01-15T11:30:00Z","end_date_time":"2026-01-15T12:30:00Z","cdr_token":{"uid":"ann"},"cdr_location":{"id":"loc","evse_uid":"e-1"},"currency":"EUR","charging_periods":[PERIODS],"total_cost":{"before_taxes":7.5,"taxes":[{"name":"VAT","amount":1.5}]},"total_energy":45,"total_time":1}""")]
    public void A_cdr_pays_by_its_charging_periods(string cdr)
    {
        const string periods = """{"start_date_time":"2026-01-15T11:30:00Z","dimensions":[{"type":"ENERGY","volume":15}]},{"start_date_time":"2026-01-15T12:00:00Z","dimensions":[{"type":"ENERGY","volume":30}]}""";
        var sessions = $$"""{"ocpi":[{{cdr.Replace("PERIODS", periods, StringComparison.Ordinal)}}]}""";
        var request = Read(sessions, Minutes((690, 720, 30), (720, 750, 60))).OrThrow();
        var cost = request.Split().Costs.Single(c => c.Id == "c");
        Assert.Equal((15 * 0.1m + 30 * 0.5m, 600m), (cost.Exact[LineKind.Energy], cost.Exact[LineKind.Demand]));
        Assert.Equal(("ann", "e-1", 7.5m), (request.Sessions["c"].User, request.Stations["c"], request.Paid["c"]));
    }

    [Fact]
    public void A_session_under_way_has_an_estimated_share_until_its_last_reading()
    {
        const string ocpi = """{"ocpi":[{"id":"u","start_date_time":"2026-01-15T12:00:00Z","kwh":15,"status":"ACTIVE","cdr_token":{"uid":"ann"},"evse_uid":"e-1","currency":"EUR","last_updated":"2026-01-15T12:30:00Z"}],"rows":[{"id":"r","start":"2026-01-15T12:00:00Z","kWh":30}]}""";
        var request = Read(ocpi, Minutes((720, 750, 90)), ""","asOf":"2026-01-15T12:30:00Z" """).OrThrow();
        Assert.True(request.HasEstimates);
        Assert.All(request.Sessions.Values, s => Assert.True(s.IsUnderWay));
        var costs = request.Split().Costs;
        Assert.Equal((7.5m, 15m), (costs.Single(c => c.Id == "u").Exact[LineKind.Energy], costs.Single(c => c.Id == "r").Exact[LineKind.Energy]));
        Assert.Equal(Instant.FromUtc(2026, 1, 15, 12, 30), request.Users.Single(u => u.Id == "r").Series.End);
    }

    [Fact]
    public void Energy_outside_of_the_sites_data_is_told_and_not_shared()
    {
        var read = Read("""{"rows":[{"id":"s","start":"2026-01-15T23:00:00Z","end":"2026-01-16T01:00:00Z","kWh":10}]}""", Minutes((1380, 1440, 5)));
        Assert.Contains(read.Warnings, w => w.Detail.StartsWith("5 kWh of 1 sessions lie outside", StringComparison.Ordinal));
        Assert.Equal(5m, read.Value!.Split().Costs[0].Kwh);
    }

    [Theory]
    [InlineData("coincidentPeak", SharingRule.Method)]
    [InlineData("energyShare", SharingRule.Energy)]
    [InlineData("shapley", SharingRule.Method)]
    public void A_share_is_explained_by_rule_hours_and_windows_and_sums_to_what_is_paid(string method, SharingRule demand)
    {
        const string rows = """{"rows":[{"id":"s","start":"2026-01-15T11:30:00Z","end":"2026-01-15T12:30:00Z","kWh":30},{"id":"o","start":"2026-01-15T12:00:00Z","end":"2026-01-15T12:30:00Z","kWh":5}]}""";
        var (_, costs, reasons) = Split(rows, Minutes((690, 720, 30), (720, 750, 40)), $$""","method":"{{method}}","explain":["s"]""");
        var reason = Assert.Single(reasons);
        Assert.Equal(costs.Single(c => c.Id == "s").Exact.Values.Sum(), reason.Lines.Sum(l => l.Amount));
        Assert.Equal(["energy:Energy", "energy:Energy", $"demand:{demand}", "basic:CycleEnergy", "vat:OtherLines"], reason.Lines.Select(l => $"{l.Charge}:{l.Rule}"));
        var on = reason.Lines.Single(l => l.Period == "on");
        Assert.Equal((Instant.FromUtc(2026, 1, 15, 12, 0), Instant.FromUtc(2026, 1, 15, 12, 30), 15m), (on.Hours[0].From, on.Hours[0].Until, on.Hours[0].Kwh));
        if (method == "coincidentPeak")
        {
            var window = Assert.Single(reason.Lines.Single(l => l.Charge == "demand").Windows);
            Assert.Equal((Instant.FromUtc(2026, 1, 15, 12, 0), Instant.FromUtc(2026, 1, 15, 12, 30), 30m, 40m), (window.From, window.Until, window.Kw, window.SiteKw));
        }

        Assert.Equal(["energy", "demand", "basic"], reason.Lines[^1].Of);
    }

    [Fact]
    public void A_share_of_called_peaks_names_the_calls_in_which_the_session_had_load()
    {
        const string tariff = """
            {"schemaVersion":1,"id":"t","currency":"EUR","timeZone":"Etc/UTC",
             "demand":[{"id":"cp","rates":[{"period":"all","tiers":[{"price":5}]}],"coincident":{"event":"cp","combine":"mean"}}]}
            """;
        const string calls = ""","events":[{"kind":"cp","from":"2026-01-15T12:00:00Z","until":"2026-01-15T12:30:00Z"},{"kind":"cp","from":"2026-01-15T18:00:00Z","until":"2026-01-15T18:30:00Z"}],"explain":["s"]""";
        const string ocpi = """{"ocpi":[{"id":"s","start_datetime":"2026-01-15T12:00:00Z","end_datetime":"2026-01-15T12:30:00Z","kwh":15,"status":"COMPLETED","auth_id":"ann","currency":"EUR"}]}""";
        var (_, costs, reasons) = AllocationRequestJson.Read(Encoding.UTF8.GetBytes($$"""{"tariff":{{tariff}},"intervals":{{Minutes((720, 750, 40), (1080, 1110, 20))}},"sessions":{{ocpi}}{{calls}} }""")).OrThrow().Split();
        var line = Assert.Single(Assert.Single(reasons).Lines);
        Assert.Equal((SharingRule.Calls, 75m, costs[0].Exact.Values.Sum()), (line.Rule, line.Amount, line.Amount));
        var call = Assert.Single(line.Windows);
        Assert.Equal((Instant.FromUtc(2026, 1, 15, 12, 0), 30m, 40m), (call.From, call.Kw, call.SiteKw));
    }

    [Fact]
    public void Sessions_that_would_fill_the_memory_are_refused_before_they_are_laid_out()
    {
        var rows = string.Concat(Enumerable.Repeat("\\n2026-01-15T00:00:00Z,2026-01-16T00:00:00Z,1", 11_000));
        Assert.Equal(ErrorClass.LimitCount, Assert.Single(Read($$"""{"csv":"start,end,kWh{{rows}}"}""", Minutes((0, 1440, 1))).Refusals).Class);
    }

    [Fact]
    public void Only_who_is_there_can_be_asked_for_reasons() =>
        Assert.Equal(ErrorClass.UnknownId, Assert.Single(Read("""{"rows":[{"id":"s","start":"2026-01-15T01:00:00Z","end":"2026-01-15T02:00:00Z","kWh":1}]}""", Minutes((0, 1440, 1)), ""","explain":["x"]""").Refusals).Class);

    [Fact]
    public void Two_thousand_sessions_share_a_month_to_the_cent_by_every_method()
    {
        var random = new Random(5);
        var (site, csv) = (Enumerable.Repeat(5m, 31 * 96).ToArray(), new StringBuilder("start,end,kWh"));
        for (var s = 0; s < 2_000; s++)
        {
            var (from, quarters) = (random.Next(0, 31 * 96 - 12), random.Next(1, 12));
            for (var q = from; q < from + quarters; q++)
            {
                site[q] += 4;
            }

            var start = Instant.FromUtc(2026, 1, 1, 0, 0) + Duration.FromMinutes(15 * from);
            csv.Append(CultureInfo.InvariantCulture, $"\\n{start},{start + Duration.FromMinutes(15 * quarters)},{quarters}");
        }

        foreach (var method in (string[])["energyShare", "coincidentPeak", "nonCoincidentPeak", "marginal", "shapley"])
        {
            var (bill, costs, _) = Split($$"""{"csv":"{{csv}}"}""", $$"""{"start":"2026-01-01","minutes":15,"kW":[{{string.Join(',', site)}}]}""", $$""","method":"{{method}}" """);
            Assert.Equal(bill.Payable, costs.Sum(c => c.Payable));
            Assert.Equal(bill.Total, costs.Sum(c => c.Exact.Values.Sum()));
            Assert.All(costs, c => Assert.True(c.Payable > 0 && (method == "shapley") == c.ErrorBound > 0));
        }
    }

    private static (Bill Bill, System.Collections.Immutable.ImmutableArray<UserCost> Costs, System.Collections.Immutable.ImmutableArray<CostReason> Reasons) Split(string sessions, string site, string more = "") =>
        Read(sessions, site, more).OrThrow().Split();

    internal static ReadResult<AllocationRequest> Read(string sessions, string site, string more = "") =>
        AllocationRequestJson.Read(Encoding.UTF8.GetBytes($$"""{"tariff":{{Tou}},"intervals":{{site}},"sessions":{{sessions}}{{more}} }"""));

    /// <summary>The 15th of January in minutes, 0 kW but where said.</summary>
    internal static string Minutes(params (int From, int Until, decimal Kw)[] use)
    {
        var kw = new decimal[1440];
        foreach (var (from, until, value) in use)
        {
            Array.Fill(kw, value, from, until - from);
        }

        return $$"""{"start":"2026-01-15","minutes":1,"kW":[{{string.Join(',', kw.Select(k => k.ToString(CultureInfo.InvariantCulture)))}}]}""";
    }
}
