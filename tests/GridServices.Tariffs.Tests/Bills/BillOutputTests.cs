using System.Text;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Requests;

namespace GridServices.Tariffs.Tests.Bills;

public sealed class BillOutputTests
{
    [Theory]
    [InlineData("=HYPERLINK(\"http://127.0.0.1\")", "\"'=HYPERLINK(\"\"http://127.0.0.1\"\")\"")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("-2+3", "'-2+3")]
    [InlineData("-2.5", "-2.5")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData(null, "")]
    public void A_field_of_csv_is_never_a_formula(string? text, string field) => Assert.Equal(field, BillCsv.Field(text));

    [Fact]
    public void Every_line_item_stands_in_csv_and_html_and_nothing_foreign_is_markup()
    {
        var bill = Bill();
        var csv = BillCsv.Write(bill);
        Assert.Equal(1 + bill.Months.Sum(m => m.LineItems.Length), csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        var html = BillHtml.Write(bill);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;", html, StringComparison.Ordinal);
        Assert.Contains($"{bill.Payable:F2} EUR", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Decimals_of_the_json_answer_are_texts_with_all_their_digits()
    {
        var bill = Bill();
        var json = System.Text.Json.JsonDocument.Parse(BillJson.Write(bill)).RootElement;
        Assert.Equal(bill.Total, decimal.Parse(json.GetProperty("total").GetString()!));
        Assert.Equal(bill.Months[0].LineItems[0].Amount, decimal.Parse(json.GetProperty("months")[0].GetProperty("lineItems")[0].GetProperty("amount").GetString()!));
    }

    [Theory]
    [InlineData("\"minutes\":1440", "\"minutes\":7", "/intervals/minutes")]
    [InlineData("[1,2,3]", "[1,\"x\",3]", "/intervals/kWh/1")]
    [InlineData("\"tariffFormat\":\"own\"", "\"tariffFormat\":\"pdf\"", "/tariffFormat")]
    [InlineData("\"currency\":\"EUR\"", "\"currency\":\"?\"", "/tariff/currency")]
    [InlineData("\"energyTierFill\":\"prorated\"", "\"energyTierFill\":\"random\"", "/options/energyTierFill")]
    public void A_request_that_cannot_be_billed_says_where_it_is_wrong(string part, string instead, string pointer) =>
        Assert.Contains(BillRequestJson.Read(Encoding.UTF8.GetBytes(Request.Replace(part, instead, StringComparison.Ordinal))).Refusals, r => r.Path == pointer);

    private const string Request = """
        {"tariffFormat":"own","tariff":{"schemaVersion":1,"id":"<script>","currency":"EUR","timeZone":"Europe/Paris","notes":["<script>"],"energy":[{"id":"e","rates":[{"period":"all","tiers":[{"price":0.123456789}]}]}]},
         "intervals":{"start":"2026-01-01","minutes":1440,"kWh":[1,2,3]},"options":{"energyTierFill":"prorated"}}
        """;

    private static Bill Bill() => BillRequestJson.Read(Encoding.UTF8.GetBytes(Request)).OrThrow().Bill();
}
