using System.Text;
using GridServices.Operations.Bulk;
using GridServices.Testing;

namespace GridServices.Operations.Tests.Bulk;

public sealed class BulkFileTests
{
    private const string Head = "site_id,customer_name,site_name,address1,city,postcode,country,time_zone,import_max_kw";

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_template_of_each_kind_reads_back_without_a_fault(BulkKind kind)
    {
        var file = Open(kind, BulkTemplate.Write(kind));
        Assert.Empty(file.Head.Faults);
        var rows = file.Rows().ToList();
        Assert.Equal(BulkTemplate.ExampleRows, rows.Count);
        Assert.All(rows, r => Assert.True(r.Record is not null, r.Message));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_same_rows_with_semicolons_and_columns_in_another_order_have_the_same_hashes(BulkKind kind)
    {
        var columns = BulkLayout.For(kind).Columns;
        var turned = string.Concat(Enumerable.Range(-1, 4).Select(i => CsvText.Line(columns.Reverse().Select(c => i < 0 ? c.Name : c.Examples[i]), ';') + "\n"));
        Assert.Equal(Open(kind, BulkTemplate.Write(kind)).Rows().Select(r => (r.Record!.Key, r.Hash)), Open(kind, turned).Rows().Select(r => (r.Record!.Key, r.Hash)));
    }

    [Fact]
    public void A_row_becomes_a_record_with_whole_watts()
    {
        var row = Sites("s1,ACME,Depot,Main St 1,Oakland,94607,US,America/Los_Angeles,60.5").Single();
        var site = Assert.IsType<SiteRow>(row.Record);
        Assert.Equal((60_500L, null, "America/Los_Angeles"), (site.ImportMaxW, site.ExportMaxW, site.TimeZone));
        Assert.Equal((1, 2), (row.Number, row.Line));
    }

    [Fact]
    public void Decimal_commas_are_read_where_the_file_says_so()
    {
        var file = Open(BulkKind.Sites, $"\uFEFF#locale=de\n{Head.Replace(',', ';')}\ns1;ACME;Depot;Weg 1;Berlin;10119;DE;Europe/Berlin;60,5\n");
        Assert.Equal((';', ','), (file.Head.Delimiter, file.Head.Locale.Mark));
        Assert.Equal(60_500, Assert.IsType<SiteRow>(file.Rows().Single().Record).ImportMaxW);
    }

    [Fact]
    public void The_same_power_in_either_decimal_mark_is_the_same_row()
    {
        var comma = Open(BulkKind.Sites, $"#locale=fr-CA\n{Head}\ns1,A,B,C,D,E,CA,America/Toronto,\"60,50\"\n").Rows().Single();
        Assert.Equal(Sites("s1,A,B,C,D,E,CA,America/Toronto,60.5").Single().Hash, comma.Hash);
    }

    [Theory]
    [InlineData("", "60,5", "decimal point")]
    [InlineData("", "1.234,5", "no thousands marks")]
    [InlineData("#locale=de\n", "60.5", "#locale=de: write the decimal mark as ','")]
    [InlineData("#locale=en\n", "1e3", "write a number such as 12.5")]
    [InlineData("", "60 kW", "without a unit")]
    [InlineData("", "-5", "0 to 1000000 kW")]
    [InlineData("", "0.0001", "at most three decimals")]
    public void A_number_that_could_mean_another_is_refused_with_how_to_write_it(string locale, string written, string says)
    {
        var fault = Assert.Single(Open(BulkKind.Sites, $"{locale}{Head}\ns1,A,B,C,D,E,DE,Europe/Berlin,\"{written}\"\n").Rows().Single().Faults);
        Assert.Equal(("import_max_kw", written), (fault.Column, fault.Value));
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("site_id,custmer_name", "write customer_name")]
    [InlineData("site_id,Site Name", "write site_name")]
    [InlineData("site_id,colour", "take it out")]
    [InlineData("site_id,site_id", "twice")]
    [InlineData("site_id", "customer_name '': is missing in the head")]
    public void A_wrong_head_is_told_with_the_nearest_name(string head, string says)
    {
        var file = Open(BulkKind.Sites, head + "\ns1\n");
        Assert.Contains(file.Head.Faults, f => f.ToString().Contains(says, StringComparison.Ordinal));
        Assert.Empty(file.Rows());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("#locale=de\n")]
    public void An_empty_file_says_what_a_head_is(string text) => Assert.Contains("site_id,customer_name", Assert.Single(Open(BulkKind.Sites, text).Head.Faults).Message, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_locale_is_refused() => Assert.Contains("#locale=de", Assert.Single(Open(BulkKind.Sites, "#locale=xx\n" + Head).Head.Faults).Message, StringComparison.Ordinal);

    [Fact]
    public void Each_row_stands_for_itself_and_tells_all_of_its_faults_with_line_column_and_value()
    {
        var rows = Sites(
            "s1,A,B,C,D,E,US,America/Los_Angeles,10",
            "s 2,A,B,C,D,E,us,America/Los_Angles,x",
            "s3,A,B,C,D,E,US,America/Los_Angeles,30");
        Assert.NotNull(rows[0].Record);
        Assert.NotNull(rows[2].Record);
        Assert.Equal(["country", "import_max_kw", "site_id", "time_zone"], rows[1].Faults.Select(f => f.Column).Order(StringComparer.Ordinal));
        Assert.All(rows[1].Faults, f => Assert.Equal(3, f.Line));
        Assert.Contains("did you mean America/Los_Angeles?", rows[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Quoted_fields_hold_delimiters_quotes_and_line_ends()
    {
        var rows = Sites("s1,\"A, Inc.\",\"The \"\"Hub\"\"\",\"Main\nStreet\",D,E,US,America/Los_Angeles,10", "s2,A,5\" pipe,C,D,E,US,America/Los_Angeles,10");
        Assert.Contains(rows[0].Faults, f => f.Column == "address1");
        var second = Assert.IsType<SiteRow>(rows[1].Record);
        Assert.Equal(("5\" pipe", 4), (second.SiteName, rows[1].Line));
        var plain = Assert.IsType<SiteRow>(Sites("s1,\"A, Inc.\",\"The \"\"Hub\"\"\",C,D,E,US,America/Los_Angeles,10").Single().Record);
        Assert.Equal(("A, Inc.", "The \"Hub\""), (plain.CustomerName, plain.SiteName));
    }

    [Fact]
    public void A_quote_that_is_never_closed_costs_its_own_line_only()
    {
        var rows = Sites("s1,\"A,B,C,D,E,US,America/Los_Angeles,10", "s2,A,B,C,D,E,US,America/Los_Angeles,10", "s3,A,B,C,D,E,US,America/Los_Angeles,10");
        Assert.Equal([null, "s2", "s3"], rows.Select(r => r.Record?.Key));
        Assert.Contains("never closed", rows[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_after_a_closing_quote_and_wrong_numbers_of_fields_are_refused()
    {
        var rows = Sites("s1,\"A\"x,B,C,D,E,US,America/Los_Angeles,10", "s2,A,B", "s3,A,B,C,D,E,US,America/Los_Angeles,10,more", "s4,A,B,C,D,E,US,America/Los_Angeles,10,,");
        Assert.Contains("follows a closing quote", rows[0].Message, StringComparison.Ordinal);
        Assert.Contains("has 3 fields and the head 9", rows[1].Message, StringComparison.Ordinal);
        Assert.Contains("has 10 fields", rows[2].Message, StringComparison.Ordinal);
        Assert.NotNull(rows[3].Record);
    }

    [Fact]
    public void A_line_without_an_end_is_bounded()
    {
        var limits = new BulkLimits { MostCharacters = 1000 };
        var rows = Open(BulkKind.Sites, $"{Head}\n{new string('x', 100_000)}\ns2,A,B,C,D,E,US,America/Los_Angeles,10\n", limits).Rows().ToList();
        Assert.Contains("longer than 1000", rows[0].Message, StringComparison.Ordinal);
        Assert.Equal("s2", rows[1].Record?.Key);
        Assert.All(rows[0].Cells, c => Assert.True(c.Length <= 1000));
    }

    [Fact]
    public void A_file_with_too_many_rows_is_read_so_far_and_says_so()
    {
        var rows = Open(BulkKind.Sites, Head + "\n" + string.Concat(Enumerable.Range(0, 9).Select(i => $"s{i},A,B,C,D,E,US,America/Los_Angeles,10\r")), new BulkLimits { MostRows = 3 }).Rows().ToList();
        Assert.Equal([true, true, true, false], rows.Select(r => r.Record is not null));
        Assert.Contains("more than 3 rows", rows[3].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_letter_that_is_not_UTF8_is_refused()
    {
        var bytes = Encoding.Latin1.GetBytes($"{Head}\ns1,A,Müller,C,D,E,DE,Europe/Berlin,10\n");
        using var text = new StreamReader(new MemoryStream(bytes), Encoding.UTF8);
        Assert.Contains("not UTF-8", BulkFile.Open(text, BulkKind.Sites).Rows().Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_row_twice_is_told_and_the_same_site_with_another_value_refused()
    {
        var rows = Sites("s1,A,B,C,D,E,US,America/Los_Angeles,10", "s1,A,B,C,D,E,US,America/Los_Angeles,10.0", "s1,A,B,C,D,E,US,America/Los_Angeles,20");
        Assert.True(rows[1].Faults.Single().IsWarning);
        Assert.Contains("says the same as line 2", rows[1].Message, StringComparison.Ordinal);
        Assert.Null(rows[2].Record);
        Assert.Contains("line 2 and says something else", rows[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_file_again_changes_nothing()
    {
        var first = Sites("s1,A,B,C,D,E,US,America/Los_Angeles,10").Single();
        Assert.Equal(BulkEffect.Create, BulkDecision.Decide(first, null, exists: false));
        var again = Sites("s1,A,B,C,D,E,US,America/Los_Angeles,10").Single();
        Assert.Equal(BulkEffect.Nothing, BulkDecision.Decide(again, first.Hash, exists: true));
        Assert.Equal(BulkEffect.Create, BulkDecision.Decide(again, first.Hash, exists: false));
        Assert.Equal(BulkEffect.Change, BulkDecision.Decide(Sites("s1,A,B,C,D,E,US,America/Los_Angeles,11").Single(), first.Hash, exists: true));
        Assert.Equal(BulkEffect.Refused, BulkDecision.Decide(Sites("s1,A,B,C,D,E,US,America/Los_Angeles,x").Single(), first.Hash, exists: true));
    }

    [Fact]
    public void A_site_without_its_connection_is_warned_about() => Assert.True(Sites("s1,A,B,C,D,E,US,America/Los_Angeles,").Single() is { Record: not null, Faults: [{ IsWarning: true, Column: "import_max_kw" }] });

    [Fact]
    public void Ten_thousand_rows_are_read_far_below_ten_seconds()
    {
        var text = new StringBuilder(BulkTemplate.Write(BulkKind.Enrollments, []));
        for (var i = 0; i < 10_000; i++)
        {
            text.Append(CsvText.Line(BulkLayout.For(BulkKind.Enrollments).Columns.Select(c => c.Name == "site_id" ? $"site-{i}" : c.Examples[1]))).Append('\n');
        }

        var watch = ThreadTime.Start();
        Assert.Equal(10_000, Open(BulkKind.Enrollments, text.ToString()).Rows().Count(r => r.Record is not null));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    public static TheoryData<BulkKind> Kinds => [.. Enum.GetValues<BulkKind>()];

    private static List<BulkRow> Sites(params string[] rows) => [.. Open(BulkKind.Sites, $"{Head}\n{string.Join('\n', rows)}\n").Rows()];

    private static BulkFile Open(BulkKind kind, string text, BulkLimits? limits = null) => BulkFile.Open(new StringReader(text), kind, limits);
}
