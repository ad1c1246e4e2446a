using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using GridServices.Tariffs.Invoices;
using NodaTime;

namespace GridServices.Tariffs.Tests.Invoices;

public sealed class InvoicePdfTests
{
    [Fact]
    public void Every_object_is_where_the_table_says_and_every_stream_as_long_as_it_says()
    {
        for (var seed = 1; seed < 40; seed++)
        {
            var text = Written(Document(seed));
            var table = int.Parse(Regex.Match(text, @"startxref\n(?<place>\d+)\n%%EOF\n$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)).Groups["place"].Value, CultureInfo.InvariantCulture);
            Assert.StartsWith("xref\n", text[table..], StringComparison.Ordinal);
            var places = Regex.Matches(text[table..], @"^(?<place>\d{10}) 00000 n $", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)).Select(m => int.Parse(m.Groups["place"].Value, CultureInfo.InvariantCulture)).ToArray();
            Assert.All(places.Index(), p => Assert.StartsWith($"{p.Index + 1} 0 obj\n", text[p.Item..], StringComparison.Ordinal));
            foreach (Match stream in Regex.Matches(text, @"/Length (?<place>\d+) >>\nstream\n", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)))
            {
                var end = stream.Index + stream.Length + int.Parse(stream.Groups["place"].Value, CultureInfo.InvariantCulture);
                Assert.StartsWith("endstream", text[end..], StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void It_says_what_is_due_and_escapes_what_would_end_a_text()
    {
        var document = Document(7) with { Notes = ["a (b) \\ c – €"] };
        var text = Written(document);
        Assert.Contains($"({InvoiceCsv.Amount(document.Totals.Payable, document)} {document.Currency}) Tj", text, StringComparison.Ordinal);
        Assert.Contains("(a \\(b\\) \\\\ c \u0096 \u0080) Tj", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_documents_go_on_over_pages_without_losing_a_line()
    {
        var document = Document(7);
        document = document with { Lines = [.. Enumerable.Range(0, 200).Select(i => document.Lines[0] with { Name = $"line {i}." })] };
        var text = Written(document);
        Assert.True(Regex.Count(text, "/Type /Page ", RegexOptions.None, TimeSpan.FromSeconds(5)) > 5);
        Assert.All(Enumerable.Range(0, 200), i => Assert.Contains($"(line {i}.) Tj", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Long_names_chains_and_reasons_are_written_whole_and_on_the_page()
    {
        var document = Document(7);
        var words = string.Join(' ', Enumerable.Range(0, 400).Select(i => $"w{i}."));
        document = document with
        {
            Lines = [document.Lines[0] with { Name = words }],
            Vat = [document.Vat[0] with { Reason = words.Replace('w', 'r') }],
            Preceding = [.. Enumerable.Range(0, 400).Select(i => new PrecedingInvoice($"p{i}.", new LocalDate(2026, 2, 3)))],
        };
        var text = Written(document);
        Assert.All(Enumerable.Range(0, 400).SelectMany(i => new[] { $"w{i}.", $"r{i}.", $"p{i}." }), word => Assert.Contains(word, text, StringComparison.Ordinal));
        var heights = Regex.Matches(text, @"Tf [\d.-]+ (?<y>[\d.-]+) Td", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)).Select(m => double.Parse(m.Groups["y"].Value, CultureInfo.InvariantCulture));
        Assert.All(heights, y => Assert.InRange(y, 0, 842));
    }

    [Fact]
    public void Letters_that_its_fonts_lack_are_refused_and_never_shown_as_others()
    {
        var document = Document(7);
        Assert.Null(InvoicePdf.Fault(document with { Seller = document.Seller with { Name = "Müller & Søn, S.à r.l. – Žižek" } }));
        Assert.Contains("letters", InvoicePdf.Fault(document with { Buyer = document.Buyer with { Name = "Zakład Łódź" } }), StringComparison.Ordinal);
    }

    private static string Written(InvoiceDocument document) => Encoding.Latin1.GetString(InvoicePdf.Write(document));

    private static InvoiceDocument Document(int seed) => InvoiceChain.Issue(InvoiceDraft.Create(new RandomBill(seed).Basis()).OrThrow(), "R-1", new LocalDate(2026, 2, 3));
}
