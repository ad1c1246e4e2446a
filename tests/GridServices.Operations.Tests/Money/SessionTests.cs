using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Operations.Bulk;
using GridServices.Operations.Money;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Operations.Tests.Money;

public sealed class SessionTests
{
    private static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["America/Los_Angeles"];
    private static readonly Instant Start = Instant.FromUtc(2027, 7, 1, 7, 0);
    private static readonly BillGrid Month = new(Start, 60, 31 * 24);

    [Fact]
    public void Sessions_are_read_from_CSV_with_times_of_either_kind()
    {
        var rows = Csv("start,end,kWh,evse,id,paid\n2027-07-01T14:00:00-07:00,2027-07-01T15:00:00Z,10,E1,a,3.50\n");
        Assert.Contains("not after the start", rows[0].Faults[0].Message, StringComparison.Ordinal);
        rows = Csv("start;end;kWh;evse\n2027-07-01T14:00:00-07:00;2027-07-01T15:30;10.5;E1\n");
        var session = rows[0].Session!;
        Assert.Equal((Instant.FromUtc(2027, 7, 1, 21, 0), Instant.FromUtc(2027, 7, 1, 22, 30), 10.5m, "E1", "row-1", null), (session.Start, session.End, session.Kwh, session.Evse, session.Id, session.Paid));
    }

    [Theory]
    [InlineData("2027-11-07T01:30,2027-11-07T02:30,1,E1", "start", "is twice in America/Los_Angeles")]
    [InlineData("yesterday,2027-11-07T02:30,1,E1", "start", "write a time as")]
    [InlineData("2027-07-01T14:00,2027-07-01T15:00,-1,E1", "kWh", "below 0")]
    [InlineData("2027-07-01T14:00,2027-07-01T15:00,\"1,5\",E1", "kWh", "decimal point")]
    [InlineData("2027-07-01T14:00,2027-07-01T15:00,1,", "evse", "charge point")]
    [InlineData("2027-07-01T14:00,2027-07-01T15:00", "", "fields")]
    public void A_wrong_row_tells_where_and_what(string row, string column, string says)
    {
        var fault = Csv($"start,end,kWh,evse\n{row}\n").Single().Faults[0];
        Assert.Equal((2, column), (fault.Line, fault.Column));
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_head_and_a_session_twice_are_refused()
    {
        using var text = new StringReader("start,end,kwh,evse\n");
        Assert.Empty(SessionCsv.Read(text, Zone, out var head));
        Assert.Contains(head, f => f.Message.Contains("'kwh' is not its name", StringComparison.Ordinal));
        Assert.Contains("twice", Csv("id,start,end,kWh,evse\na,2027-07-01T14:00,2027-07-01T15:00,1,E1\na,2027-07-01T16:00,2027-07-01T17:00,1,E1\n")[1].Faults[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_that_is_not_read_is_told_and_one_that_stands_twice_is_refused()
    {
        using var more = new StringReader("start,end,kWh,evse,cost\n2027-07-01T14:00,2027-07-01T15:00,1,E1,0.3\n");
        Assert.Single(SessionCsv.Read(more, Zone, out var head));
        Assert.Equal((true, "cost"), (head.Single().IsWarning, head.Single().Column));
        using var twice = new StringReader("start,end,kWh,kWh,evse\n2027-07-01T14:00,2027-07-01T15:00,1,100,E1\n");
        Assert.Empty(SessionCsv.Read(twice, Zone, out head));
        Assert.Contains(head, f => f is { IsWarning: false, Column: "kWh" });
        using var invoice = new StringReader("name,amount,amount\nEnergy,1,2\n");
        Assert.Empty(InvoiceCsv.Read(invoice, out var faults));
        Assert.Contains("twice", faults.Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_user_is_read_from_either_file_and_its_sessions_are_summed_and_where_none_is_told_the_charge_point_stands_for_it()
    {
        Assert.Equal(["Ana", null], Csv("start,end,kWh,evse,user\n2027-07-01T14:00,2027-07-01T15:00,1,E1,Ana\n2027-07-01T14:00,2027-07-01T15:00,1,E1,\n").Select(r => r.Session!.User));
        Assert.Equal("user", Csv($"start,end,kWh,evse,user\n2027-07-01T14:00,2027-07-01T15:00,1,E1,{new string('x', 101)}\n")[0].Faults[0].Column);
        const string record = """{"id":"C1","start_date_time":"2027-07-01T21:00:00Z","end_date_time":"2027-07-01T23:00:00Z","cdr_location":{"evse_uid":"E1"},"total_energy":12""";
        Assert.Equal(["NL-1", "T1", "A1", null], new[] { ""","cdr_token":{"uid":"T1","contract_id":"NL-1"}}""", ""","cdr_token":{"uid":"T1"}}""", ""","auth_id":"A1"}""", "}" }.Select(rest => Ocpi(record + rest).Single().Session!.User));
        var totals = UserTotal.Sum([new SessionShare("1", "E1", 2, 0.5m, 1) { User = "Ana" }, new SessionShare("2", "E2", 3, 0.7m) { User = "Ana" }, new SessionShare("3", "E2", 1, 0.1m, 0.2m)]);
        Assert.Equal([new UserTotal("Ana", 2, 5, 1.2m, null), new UserTotal("E2", 1, 1, 0.1m, 0.2m)], totals);
    }

    [Fact]
    public void Records_of_OCPI_keep_when_their_energy_flowed()
    {
        var row = Ocpi("""
            {"id":"C1","start_date_time":"2027-07-01T21:00:00Z","end_date_time":"2027-07-01T23:00:00Z","cdr_location":{"evse_uid":"E1"},"total_energy":12,"total_cost":{"excl_vat":4.2},
             "charging_periods":[{"start_date_time":"2027-07-01T21:00:00Z","dimensions":[{"type":"TIME","volume":1},{"type":"ENERGY","volume":10}]},{"start_date_time":"2027-07-01T22:00:00Z","dimensions":[{"type":"ENERGY","volume":2}]}]}
            """).Single();
        Assert.Equal([10m, 2], row.Session!.Parts.Select(p => p.Kwh));
        Assert.Equal((4.2m, "E1", 0), (row.Session.Paid!.Value, row.Session.Evse, row.Faults.Count));
    }

    [Fact]
    public void Where_periods_and_total_disagree_the_total_counts_and_it_is_told()
    {
        var rows = Ocpi("""{"id":"C1","start_date_time":"2027-07-01T21:00:00Z","stop_date_time":"2027-07-01T23:00:00Z","location":{"evses":[{"uid":"E1"}]},"total_energy":12,"charging_periods":[{"start_date_time":"2027-07-01T21:00:00Z","dimensions":[{"type":"ENERGY","volume":10}]}]}""");
        Assert.Equal(12, rows[0].Session!.Kwh);
        Assert.True(rows[0].Faults.Single().IsWarning);
        Assert.Contains("is 12 kWh and the charging periods sum to 10", rows[0].Faults[0].Message, StringComparison.Ordinal);

        // No total, and a period that ends where it begins: its energy was sold all the same.
        rows = Ocpi("""{"id":"C1","start_date_time":"2027-07-01T21:00:00Z","end_date_time":"2027-07-01T23:00:00Z","cdr_location":{"evse_uid":"E1"},"charging_periods":[{"start_date_time":"2027-07-01T21:00:00Z","dimensions":[{"type":"ENERGY","volume":10}]},{"start_date_time":"2027-07-01T23:00:00Z","dimensions":[{"type":"ENERGY","volume":5}]}]}""");
        Assert.Equal((15m, true), (rows[0].Session!.Kwh, rows[0].Faults.Single().IsWarning));
    }

    [Theory]
    [InlineData("""{"id":"C1"}""", "start_date_time")]
    [InlineData("""{"id":"C1","start_date_time":"2027-07-01T21:00:00Z","end_date_time":"2027-07-01T23:00:00Z"}""", "cdr_location")]
    [InlineData("""{"id":"C1","start_date_time":"2027-07-01T21:00:00Z","end_date_time":"2027-07-01T23:00:00Z","cdr_location":{"evse_uid":"E1"}}""", "total_energy")]
    [InlineData("""{"id":"C1","credit":true,"start_date_time":"2027-07-01T21:00:00Z","end_date_time":"2027-07-01T23:00:00Z","cdr_location":{"evse_uid":"E1"},"total_energy":1}""", "credit")]
    [InlineData("""{"id":"C1","start_date_time":"2027-07-01T21:00:00Z","end_date_time":"2027-07-01T23:00:00Z","cdr_location":{"evse_uid":"E1"},"total_energy":-1}""", "charging_periods")]
    [InlineData("7", "")]
    public void A_record_that_can_not_be_billed_is_refused(string json, string member)
    {
        var row = Ocpi(json).Single();
        Assert.Null(row.Session);
        Assert.Contains(row.Faults, f => f.Column == member && !f.IsWarning);
    }

    [Fact]
    public void Energy_falls_on_the_intervals_it_flowed_in()
    {
        var grid = new BillGrid(Start, 15, 4);
        ChargingSession[] sessions = [Session("a", "E1", Start + Duration.FromMinutes(10), 20, 8), Session("b", "E2", Start - Duration.FromMinutes(30), 60, 6), Session("c", "E3", Start + Duration.FromHours(5), 10, 1)];
        var rows = AllocationRows.From(sessions, grid, mostBytes: 0);
        Assert.Equal([[2m, 6, 0, 0], [1.5m, 1.5m, 0, 0]], rows.Users.Select(u => u.Kwh));
        Assert.Equal((true, 4m), (rows.ByEvse, rows.OutsideKwh));
        var each = AllocationRows.From(sessions, grid);
        Assert.Equal((false, 4m, "b a"), (each.ByEvse, each.OutsideKwh, string.Join(' ', each.Users.Select(u => u.Id))));
        Assert.Equal([3m, 8m], each.Shares(each.Users.ToDictionary(u => u.Id, _ => 1m, StringComparer.Ordinal), grid, "USD").Select(s => s.Kwh));
    }

    [Fact]
    public void No_energy_is_lost_or_made_by_spreading() => Prop.ForAll(ArbMap.Default.ArbFor<(ushort, ushort, uint)[]>(), drawn =>
    {
        ChargingSession[] sessions = [.. drawn.Select((d, i) => Session($"s{i}", $"E{i % 3}", Start + Duration.FromSeconds(d.Item1), 1 + d.Item2 % 3000, d.Item3 % 100_000 / 1000m))];
        var rows = AllocationRows.From(sessions, new BillGrid(Start, 15, 400), mostBytes: 0);
        return rows.OutsideKwh == 0 && rows.Users.Sum(u => u.Kwh.Sum()) == sessions.Sum(s => s.Kwh) && rows.Users.All(u => u.Kwh.All(k => k >= 0));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_shares_of_charge_points_fall_on_their_sessions_to_the_cent()
    {
        var sessions = Many(20_000);
        var rows = AllocationRows.From(sessions, Month, mostBytes: 1_000_000);
        Assert.True(rows.ByEvse);
        Assert.Equal(50, rows.Users.Count);
        var payable = rows.Users.Select((u, i) => (u.Id, Amount: 1000.37m + i * 3.11m)).ToDictionary(u => u.Id, u => u.Amount, StringComparer.Ordinal);
        var shares = rows.Shares(payable, Month, "USD");
        Assert.Equal((20_000, payable.Values.Sum()), (shares.Count, shares.Sum(s => s.Payable)));
        Assert.All(shares, s => Assert.Equal(s.Payable, decimal.Round(s.Payable, 2)));
        Assert.All(shares.GroupBy(s => s.Evse), g => Assert.Equal(payable[g.Key], g.Sum(s => s.Payable)));
    }

    [Fact]
    public void What_was_paid_in_another_currency_is_not_shown_as_the_bills()
    {
        const string record = """{"id":"C1","start_date_time":"2027-07-01T21:00:00Z","end_date_time":"2027-07-01T23:00:00Z","cdr_location":{"evse_uid":"E1"},"total_energy":12,"total_cost":{"excl_vat":118.40},"currency":"SEK"}""";
        var own = Csv("start,end,kWh,evse,id,paid,currency\n2027-07-01T14:00,2027-07-01T15:00,1,E1,a,3.50,eur\n2027-07-01T14:00,2027-07-01T15:00,1,E1,b,4.50,\n").Select(r => r.Session!).ToList();
        Assert.Equal(["EUR", null], own.Select(s => s.Currency));
        var rows = AllocationRows.From([Ocpi(record).Single().Session!, .. own], Month);
        var payable = rows.Users.ToDictionary(u => u.Id, _ => 1m, StringComparer.Ordinal);
        var shares = rows.Shares(payable, Month, "EUR");
        Assert.Equal([(null, null), (3.50m, 2.50m), ((decimal?)4.50m, (decimal?)3.50m)], shares.OrderBy(s => s.SessionId, StringComparer.Ordinal).Select(s => (s.Paid, s.Margin)));
        Assert.Equal(["1 session was paid in SEK and the bill is in EUR: what was paid is not compared"], rows.NotCompared("EUR"));
        Assert.Null(UserTotal.Sum(shares).Single().Paid);
        Assert.Equal("currency", Csv("start,end,kWh,evse,paid,currency\n2027-07-01T14:00,2027-07-01T15:00,1,E1,1,kronor\n")[0].Faults[0].Column);
    }

    [Fact]
    public void A_share_that_is_missing_is_not_taken_as_nothing() =>
        Assert.Throws<ArgumentException>(() => AllocationRows.From([Session("a", "E1", Start, 10, 1)], Month).Shares(new Dictionary<string, decimal>(), Month, "USD"));

    [Fact]
    public void Cents_sum_to_the_whole_also_of_credits() => Prop.ForAll(ArbMap.Default.ArbFor<(int, NonEmptyArray<byte>)>(), drawn =>
    {
        decimal[] weights = [.. drawn.Item2.Get.Select(w => (decimal)w)];
        var parts = CentSplit.Split(drawn.Item1 / 100m, weights, 2);
        return parts.Sum() == drawn.Item1 / 100m && parts.All(p => decimal.Round(p, 2) == p) && parts.Zip(weights).All(p => p.Second != 0 || weights.All(w => w == 0) || p.First == 0);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_hundred_thousand_rows_are_read_in_seconds_and_go_into_one_request_each_for_itself()
    {
        var text = new StringBuilder("start,end,kWh,evse\n");
        foreach (var s in Many(100_000))
        {
            text.Append(CsvText.Line([s.Start.ToString(), s.End.ToString(), CsvText.Number(s.Kwh), s.Evse])).Append('\n');
        }

        var watch = ThreadTime.Start();
        var rows = AllocationRows.From([.. Csv(text.ToString()).Select(r => r.Session!)], Month);
        Assert.Equal((100_000, false), (rows.Users.Count, rows.ByEvse));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Sessions_are_written_by_when_their_energy_flowed_and_charge_points_by_interval()
    {
        var parted = Session("b", "E1", Start, 30, 3) with { Parts = [new SessionPart(Start, Start + Duration.FromMinutes(10), 1), new SessionPart(Start + Duration.FromMinutes(20), Start + Duration.FromMinutes(30), 2)] };
        var grid = new BillGrid(Start, 15, 3);
        Assert.Equal(
            """{"sessions":{"rows":[{"id":"a","start":"2027-07-01T07:00:00Z","end":"2027-07-01T07:30:00Z","kWh":0.333333333},{"id":"b","parts":[{"start":"2027-07-01T07:00:00Z","end":"2027-07-01T07:10:00Z","kWh":1},{"start":"2027-07-01T07:20:00Z","end":"2027-07-01T07:30:00Z","kWh":2}]}]}}""",
            Written(AllocationRows.From([Session("a", "E1", Start, 30, 0.33333333333333331m), parted], grid)));
        Assert.Equal("""{"users":[{"id":"E1","kWh":[1.5,1.5,0]}]}""", Written(AllocationRows.From([Session("a", "E1", Start, 30, 3)], grid, mostBytes: 0)));
    }

    private static string Written(AllocationRows rows)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            rows.Write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static List<SessionRow> Csv(string text)
    {
        using var reader = new StringReader(text);
        var rows = SessionCsv.Read(reader, Zone, out var head).ToList();
        Assert.Empty(head);
        return rows;
    }

    private static List<SessionRow> Ocpi(string json)
    {
        using var document = JsonDocument.Parse($"[{json}]");
        return [.. OcpiSessions.Read(document.RootElement.EnumerateArray())];
    }

    private static ChargingSession Session(string id, string evse, Instant from, int minutes, decimal kwh) =>
        new() { Id = id, Evse = evse, Parts = [new SessionPart(from, from + Duration.FromMinutes(minutes), kwh)] };

    private static List<ChargingSession> Many(int count) =>
        [.. Enumerable.Range(0, count).Select(i => Session($"s{i}", $"E{i % 50:00}", Start + Duration.FromMinutes(i * 37L % 43_000), 20 + i % 90, (i * 7919 % 60_000 + 500) / 1000m))];
}
