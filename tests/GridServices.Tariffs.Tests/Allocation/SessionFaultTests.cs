using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Allocation;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using NodaTime;

namespace GridServices.Tariffs.Tests.Allocation;

/// <summary>Sessions that would fill the memory, be shared twice or at another time, or whose payment is for more than their share.</summary>
public sealed class SessionFaultTests
{
    private const string Called = """
        {"schemaVersion":1,"id":"t","currency":"EUR","timeZone":"Etc/UTC",
         "schedules":[{"id":"cpp","rules":[{"period":"on","event":"cp"},{"period":"off"}]}],
         "energy":[{"id":"energy","schedule":"cpp","rates":[{"period":"on","tiers":[{"price":0.9}]},{"period":"off","tiers":[{"price":0.1}]}]}]}
        """;

    private static readonly string Hours = $$"""{"start":"2026-01-01","minutes":60,"kW":[{{string.Join(',', Enumerable.Repeat(10, 744))}}]}""";
    private static readonly string Flat = SessionAllocationTests.Minutes((0, 1440, 100));

    /// <summary>A call at an odd second cuts each hour into 3600 parts, in which all loads are held.</summary>
    [Fact]
    public void Loads_that_would_fill_the_memory_once_an_edge_cuts_them_are_refused()
    {
        var rows = string.Concat(Enumerable.Repeat("\\n2026-01-15T00:00:00Z,2026-01-15T03:00:00Z,1", 1_400));
        var users = string.Join(',', Enumerable.Range(0, 6).Select(u => $$"""{"id":"u{{u}}","kW":[{{string.Join(',', Enumerable.Repeat(1, 744))}}]}"""));
        foreach (var shared in (string[])[$$""" "sessions":{"csv":"start,end,kWh{{rows}}"} """, $$""" "users":[{{users}}] """])
        {
            var refusal = Assert.Single(At("2026-01-15T12:00:01Z", shared).Refusals);
            Assert.Equal(ErrorClass.LimitCount, refusal.Class);
            Assert.Contains("3600 parts", refusal.Detail, StringComparison.Ordinal);
            Assert.True(At("2026-01-15T12:00:00Z", shared).Ok);
        }
    }

    /// <summary>With the next month's bill the payment would be counted a second time.</summary>
    [Theory]
    [InlineData("2026-01-16T01:00:00Z", "10")]
    [InlineData("2026-01-16T01:00:00Z", "0")]
    public void What_was_paid_for_a_session_partly_on_another_bill_makes_no_margin(string end, string kwh)
    {
        var read = Read($$"""{"rows":[{"id":"s","start":"2026-01-15T23:00:00Z","end":"{{end}}","kWh":{{kwh}},"paid":6,"user":"ann","station":"n"},{"id":"i","start":"2026-01-15T01:00:00Z","end":"2026-01-15T02:00:00Z","kWh":1,"paid":2,"user":"ann","station":"n"}]}""");
        var costs = read.OrThrow().Split().Costs;
        Assert.Equal(["i"], read.Value!.Paid.Keys);
        Assert.Equal((null, null), (Assert.Single(read.Value.ByOwner(costs)).Margin, Assert.Single(read.Value.ByStation(costs)).Margin));
        Assert.Contains("makes no margin", Assert.Single(read.Warnings).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_under_way_leaves_its_user_and_station_without_margin()
    {
        var request = Read("""{"rows":[{"id":"s","start":"2026-01-15T01:00:00Z","kWh":10,"paid":6,"user":"ann","station":"n"}]}""", ""","asOf":"2026-01-15T02:00:00Z" """).OrThrow();
        var costs = request.Split().Costs;
        Assert.Equal((null, null), (Assert.Single(request.ByOwner(costs)).Margin, Assert.Single(request.ByStation(costs)).Margin));
    }

    [Theory]
    [InlineData("""{"rows":[{"id":"s-1","start":"2026-01-15T11:30:00Z","end":"2026-01-15T12:30:00Z","kWh":10}],"ocpi":[CDR]}""")]
    [InlineData("""{"ocpi":[CDR,{"id":"s-1","start_date_time":"2026-01-15T11:30:00Z","end_date_time":"2026-01-15T12:30:00Z","kwh":10}]}""")]
    public void A_session_and_its_cdr_are_refused(string sessions)
    {
        var cdr = Cdr("""{"start_date_time":"2026-01-15T11:30:00Z","dimensions":[{"type":"ENERGY","volume":10}]}""", ""","session_id":"s-1" """);
        var refusal = Assert.Single(Read(sessions.Replace("CDR", cdr, StringComparison.Ordinal)).Refusals);
        Assert.Equal(ErrorClass.DataConflict, refusal.Class);
        Assert.EndsWith("/session_id", refusal.Path, StringComparison.Ordinal);
        Assert.True(Read($$"""{"ocpi":[{{cdr}}]}""").Ok);
    }

    [Theory]
    [InlineData("""{"rows":[{"id":"s","start":"2026-01-15T12:00:00.000000001Z","end":"2026-01-15T12:00:00.00000002Z","kWh":1}]}""", "a second or more")]
    [InlineData("""{"csv":"start,end,kWh\n2026-01-15T12:00:00.000000001Z,2026-01-15T12:00:00.00000002Z,1"}""", "a second or more")]
    [InlineData("""{"rows":[{"id":"s","start":"2026-01-15T12:00:00Z","kWh":1}]}""", "asOf")]
    [InlineData("""{"csv":"start,end,kWh\n2026-01-15T12:00:00Z,,1"}""", "asOf")]
    [InlineData("""{"ocpi":[{"id":"u","start_date_time":"2026-01-15T12:00:00Z","kwh":15}]}""", "asOf")]
    public void A_session_whose_time_is_not_told_is_refused(string sessions, string words)
    {
        var refusal = Assert.Single(Read(sessions).Refusals);
        Assert.Equal(ErrorClass.SemanticTime, refusal.Class);
        Assert.Contains(words, refusal.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"rows":[{"id":"s","start":"2026-01-15T12:00:00Z","kWh":1}]}""", "2026-02-16T00:00:00Z", "31 days")]
    [InlineData("""{"rows":[{"id":"s","start":"2026-01-15T12:00:00Z","end":"2026-01-15T13:00:00Z","kWh":1}]}""", "2026-01-15T12:30:00Z", "after asOf")]
    public void A_session_that_does_not_fit_asOf_is_refused(string sessions, string asOf, string words) =>
        Assert.Contains(words, Assert.Single(Read(sessions, $$""","asOf":"{{asOf}}" """).Refusals).Detail, StringComparison.Ordinal);

    [Fact]
    public void A_cdr_whose_periods_hold_less_than_its_total_is_told()
    {
        var read = Read($$"""{"ocpi":[{{Cdr("""{"start_date_time":"2026-01-15T11:30:00Z","dimensions":[{"type":"ENERGY","volume":10}]}""", ""","total_energy":30""")}}]}""");
        var warning = Assert.Single(read.Warnings);
        Assert.Equal(ErrorClass.DataConflict, warning.Class);
        Assert.Contains("10 kWh, its total_energy is 30 kWh", warning.Detail, StringComparison.Ordinal);
    }

    /// <summary>Energy of a period without length, or of less than a tick, is spread over the session with the rest.</summary>
    [Theory]
    [InlineData("2026-01-15T12:30:00Z")]
    [InlineData("2026-01-15T12:29:59.99999999Z")]
    public void Energy_of_a_period_without_length_is_not_lost(string last)
    {
        var periods = $$"""{"start_date_time":"2026-01-15T11:30:00Z","dimensions":[{"type":"ENERGY","volume":10}]},{"start_date_time":"{{last}}","dimensions":[{"type":"ENERGY","volume":5}]}""";
        Assert.Equal(15m, Read($$"""{"ocpi":[{{Cdr(periods)}}]}""").OrThrow().Split().Costs[0].Kwh);
    }

    [Fact]
    public void A_cdr_without_energy_and_time_is_left_out_with_a_warning()
    {
        const string failed = """{"id":"f","start_date_time":"2026-01-15T11:30:00Z","end_date_time":"2026-01-15T11:30:00Z","currency":"EUR","charging_periods":[{"start_date_time":"2026-01-15T11:30:00Z","dimensions":[]}],"total_energy":0}""";
        var read = Read($$"""{"ocpi":[{{failed}},{{Cdr("""{"start_date_time":"2026-01-15T11:30:00Z","dimensions":[{"type":"ENERGY","volume":10}]}""")}}]}""");
        Assert.Equal(["c"], read.OrThrow().Users.Select(u => u.Id));
        Assert.Contains("left out", Assert.Single(read.Warnings).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_session_that_cannot_be_taken_is_named()
    {
        const string wrong = """{"start":"2026-01-15T12:00:00Z","end":"2026-01-15T11:00:00Z","kWh":1""";
        var cdr = Cdr("""{"start_date_time":"2026-01-15T11:00:00Z","dimensions":[]}""");
        Assert.Equal(
            ["/sessions/rows/0", "/sessions/rows/2/start", "/sessions/ocpi/0/charging_periods", "/sessions/ocpi/1/charging_periods"],
            Read($$"""{"rows":[{{wrong}},"id":"a"},{"id":"b","start":"2026-01-15T12:00:00Z","end":"2026-01-15T13:00:00Z","kWh":1},{"id":"c"}],"ocpi":[{{cdr}},{{cdr}}]}""").Refusals.Select(r => string.Join('/', r.Path.Split('/').Take(5))).Distinct().Where(p => !p.EndsWith("kWh", StringComparison.Ordinal)));
    }

    [Fact]
    public void Warnings_without_end_are_counted()
    {
        var head = string.Join(',', Enumerable.Range(0, 500).Select(c => $"x{c}"));
        var read = Read($$"""{"csv":"start,end,kWh,{{head}}\n2026-01-15T12:00:00Z,2026-01-15T13:00:00Z,1{{new string(',', 500)}}"}""");
        Assert.True(read.Ok);
        Assert.Equal(101, read.Warnings.Length);
        Assert.StartsWith("and 400 more warnings", read.Warnings[^1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Hours_of_a_reason_are_listed_up_to_a_bound_and_the_rest_is_counted()
    {
        var year = $$"""{"start":"2025-01-01","minutes":60,"kW":[{{string.Join(',', Enumerable.Repeat(10, 8760))}}]}""";
        var users = $$""" "users":[{"id":"u","kW":[{{string.Join(',', Enumerable.Repeat(1, 8760))}}]}],"explain":["u"]""";
        var events = string.Join(',', Enumerable.Range(0, 364).Select(d => Instant.FromUtc(2025, 1, 1, 12, 0) + Duration.FromDays(d)).Select(d => $$"""{"kind":"cp","from":"{{d}}","until":"{{d + Duration.FromHours(1)}}"},{"kind":"cp","from":"{{d + Duration.FromHours(2)}}","until":"{{d + Duration.FromHours(3)}}"}"""));
        var json = $$"""{"tariff":{{Called}},"intervals":{{year}},"cycles":[{"from":"2025-01-01","until":"2026-01-01"}],"events":[{{events}}],{{users}} }""";
        var lines = Assert.Single(AllocationRequestJson.Read(Encoding.UTF8.GetBytes(json)).OrThrow().Split().Reasons).Lines;
        var on = lines.Single(l => l.Period == "on");
        Assert.Equal((366, 728 - 366), (on.Hours.Length, on.MoreHours));
    }

    [Fact]
    public void Shapley_shares_that_would_take_minutes_are_refused()
    {
        var loads = new WindowLoads(20, [.. Enumerable.Range(0, 20).Select(u => (WindowLoad[])[new(u, u + 1)])]);
        Assert.Throws<BillRefusedException>(() => ShapleyValue.Compute(loads, 1, 100_000_000));
        Assert.True(ShapleyValue.Compute(loads, 1).ErrorShare > 0);
    }

    private static string Cdr(string periods, string more = "") =>
        $$"""{"id":"c","start_date_time":"2026-01-15T11:30:00Z","end_date_time":"2026-01-15T12:30:00Z","currency":"EUR","charging_periods":[{{periods}}],"total_cost":{"excl_vat":7.5}{{more}} }""";

    private static ReadResult<AllocationRequest> Read(string sessions, string more = "") => SessionAllocationTests.Read(sessions, Flat, more);

    private static ReadResult<AllocationRequest> At(string call, string shared) => AllocationRequestJson.Read(Encoding.UTF8.GetBytes(
        $$"""{"tariff":{{Called}},"intervals":{{Hours}},"events":[{"kind":"cp","from":"{{call}}","until":"2026-01-15T13:00:00Z"}],{{shared}} }"""));
}
