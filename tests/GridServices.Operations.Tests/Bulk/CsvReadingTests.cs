using System.Text;
using GridServices.Operations.Bulk;

namespace GridServices.Operations.Tests.Bulk;

/// <summary>Lines and fields, below the level of any file's layout.</summary>
public sealed class CsvReadingTests
{
    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public void Line_ends_of_every_kind_are_one_also_where_a_block_ends_between(string end)
    {
        for (var length = 16_380; length < 16_390; length++)
        {
            var lines = Lines(new string('a', length) + end + "b" + end + end + "c", 100_000);
            Assert.Equal([(1, length), (2, 1), (3, 0), (4, 1)], lines.Select(l => (l.Number, l.Text.Length)));
        }
    }

    [Fact]
    public void A_line_that_is_too_long_is_cut_and_the_next_one_is_whole()
    {
        var lines = Lines(new string('a', 50_000) + "\nb\n", 10);
        Assert.Equal([("aaaaaaaaaa", true), ("b", false)], lines.Select(l => (l.Text, l.TooLong)));
    }

    [Fact]
    public void A_file_without_a_last_line_end_ends_all_the_same() => Assert.Equal(["a", "b"], Lines("a\nb", 10).Select(l => l.Text));

    [Theory]
    [InlineData("a,b", "a|b")]
    [InlineData("a,,b,", "a||b|")]
    [InlineData(",", "|")]
    [InlineData(" a , b ", "a|b")]
    [InlineData("\"a,b\",c", "a,b|c")]
    [InlineData("\"a\"\"b\"", "a\"b")]
    [InlineData("\"\",x", "|x")]
    [InlineData("  \"a\"  ,b", "a|b")]
    [InlineData("a\"b,c", "a\"b|c")]
    [InlineData("\"a\nb\",c", "a\nb|c")]
    public void Fields_are_told_apart(string line, string fields)
    {
        Assert.True(CsvRecordReader.TrySplit(line, ',', out var read, out var fault));
        Assert.Equal((fields, null), (string.Join('|', read), fault));
    }

    [Theory]
    [InlineData("\"a")]
    [InlineData("a,\"b")]
    [InlineData("\"a\"\"")]
    public void An_open_quote_is_told(string line) => Assert.False(CsvRecordReader.TrySplit(line, ',', out _, out _));

    [Theory]
    [InlineData("#locale=de", ',')]
    [InlineData("#locale=de-AT", ',')]
    [InlineData("#locale=de-CH", '.')]
    [InlineData("# locale=de", null)]
    [InlineData("#locale = fr-CA ;;;", ',')]
    [InlineData("#LOCALE=en-GB,,,", '.')]
    [InlineData("#locale=es-MX", '.')]
    [InlineData("#locale=tlh", null)]
    [InlineData("#locale=", null)]
    public void The_locale_decides_the_decimal_mark(string line, char? mark)
    {
        var locale = CsvLocale.IsLocaleLine(line) ? CsvLocale.Read(line, out _) : null;
        Assert.Equal(mark, locale?.Mark);
    }

    [Theory]
    [InlineData("12.5", 12.5)]
    [InlineData("-0.001", -0.001)]
    [InlineData("007", 7.0)]
    [InlineData("1e3", null)]
    [InlineData("1 000", null)]
    [InlineData("0x10", null)]
    [InlineData("+5", null)]
    [InlineData(".5", null)]
    [InlineData("1.", null)]
    [InlineData("NaN", null)]
    [InlineData("１２", null)]
    public void Numbers_have_one_form(string text, double? value)
    {
        var isNumber = CsvLocale.Plain.TryParseNumber(text, out var number, out var fix);
        Assert.Equal(value, isNumber ? (double)number : null);
        Assert.Equal(isNumber, fix.Length == 0);
    }

    private static List<CsvLine> Lines(string text, int most)
    {
        using var reader = new StreamReader(new MemoryStream(Encoding.UTF8.GetBytes(text)));
        var (lines, found) = (new CsvLineReader(reader, most), new List<CsvLine>());
        while (lines.Next() is { } line)
        {
            found.Add(line);
        }

        return found;
    }
}
