using FsCheck;
using FsCheck.Fluent;
using GridServices.Operations.Bulk;

namespace GridServices.Operations.Tests.Bulk;

public sealed class BulkResultFileTests
{
    [Fact]
    public void The_result_is_the_input_with_status_message_entity_and_page()
    {
        var file = Open("#locale=de\nsite_id;kind;scheme;identifier;interval_min\ns1;utility;OTHER;X1;15\ns2;utility;OTHR;X2;15\n");
        var text = Written(file, file.Rows().Select(r => r.Record is null ? new BulkResult("error", r.Message) : new BulkResult("applied", "", "01H", "/sites/s1")));
        Assert.Equal(
            "#locale=de\r\nsite_id;kind;scheme;identifier;interval_min;status;message;entity_id;url\r\ns1;utility;OTHER;X1;15;applied;;01H;/sites/s1\r\n",
            text[..text.IndexOf("s2", StringComparison.Ordinal)]);
        Assert.Contains("s2;utility;OTHR;X2;15;error;line 4, scheme 'OTHR': did you mean OTHER?", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_file_can_be_handed_in_again_and_says_the_same()
    {
        var text = BulkTemplate.Write(BulkKind.Contacts);
        var file = BulkFile.Open(new StringReader(text), BulkKind.Contacts);
        var rows = file.Rows().ToList();
        using var output = new StringWriter();
        BulkResultFile.Write(output, file.Head, rows.Select(r => (r.Cells, new BulkResult("applied", "=1+1", "01H", "/contacts/01H"))));
        var again = BulkFile.Open(new StringReader(output.ToString()), BulkKind.Contacts);
        Assert.Empty(again.Head.Faults);
        Assert.Equal(rows.Select(r => r.Hash), again.Rows().Select(r => r.Hash));
        Assert.DoesNotContain(",=1+1", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+14155550100", "'+14155550100")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("-2+3", "'-2+3")]
    [InlineData(" =cmd|' /C calc'!A0", "' =cmd|' /C calc'!A0")]
    [InlineData("-5", "-5")]
    [InlineData("-5,5", "\"-5,5\"")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("", "")]
    public void What_a_spreadsheet_would_run_is_made_plain(string text, string field) => Assert.Equal(field, CsvText.Field(text));

    [Fact]
    public void Every_text_comes_back_as_it_was_written() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>[]>(), texts =>
        {
            // Reading trims and ends a line at any line end: those two are not what is tested here.
            string[] fields = [.. texts.Select(t => t.Get.Replace('\r', ' ').Replace('\n', ' ').Trim()).Where(t => !t.StartsWith('\''))];
            return fields.Length == 0 || (CsvRecordReader.TrySplit(CsvText.Line(fields), ',', out var read, out var fault) && fault is null && fields.SequenceEqual(read.Select(CsvText.Unescape)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_field_that_is_written_begins_as_a_formula() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), text =>
        {
            var field = CsvText.Field("=+-@"[text.Get.Length % 4] + text.Get).TrimStart('"');
            return field[0] is '\'' || decimal.TryParse(field.TrimEnd('"').Replace(',', '.'), System.Globalization.CultureInfo.InvariantCulture, out _);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_template_is_filled_with_last_period_s_values()
    {
        var text = BulkTemplate.Write(BulkKind.Nominations, [new Dictionary<string, string?> { ["site_id"] = "s9", ["kw"] = "7,5", ["nominate"] = "Yes" }], ';', "de");
        Assert.Equal("#locale=de\r\nenrollment_id;site_id;program_code;delivery_period;product;kw;baseline_option;nominate;external_group\r\n;s9;;;;7,5;;Yes;\r\n", text);
    }

    private static BulkFile Open(string text) => BulkFile.Open(new StringReader(text), BulkKind.Meters);

    private static string Written(BulkFile file, IEnumerable<BulkResult> results)
    {
        using var output = new StringWriter();
        BulkResultFile.Write(output, file.Head, Open("#locale=de\nsite_id;kind;scheme;identifier;interval_min\ns1;utility;OTHER;X1;15\ns2;utility;OTHR;X2;15\n").Rows().Select(r => r.Cells).Zip(results));
        return output.ToString();
    }
}
