using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Operations.Bulk;

namespace GridServices.Operations.Tests.Bulk;

/// <summary>Whatever is handed in ends as rows with faults; nothing throws, and every row that could be read is.</summary>
public sealed class HostileFileTests
{
    private static readonly string[] Pieces = ["\"", ",", ";", "\n", "\r\n", "\r", "=1+1", "'", "\0", "\uFEFF", "ü", "\uD83D\uDE00", " ", "#locale=de\n", "site_id", "s1", "2027-05-01", "y", "-1", "{\"a\":1}", "99999999999999999999", "x", "US"];

    [Fact]
    public void Random_text_never_throws_and_never_makes_a_record_out_of_nothing() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), drawn =>
    {
        var text = string.Concat(drawn.Select(d => Pieces[d % Pieces.Length]));
        return Enum.GetValues<BulkKind>().All(kind => Rows(kind, text).All(r => r.Record is null || r.Cells.Count > 0)
            && Rows(kind, Head(kind) + text).All(r => (r.Record is null) == r.Faults.Any(f => !f.IsWarning) && r.Faults.All(f => f.Line > 1 && f.Message.Length > 0)));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Random_cells_are_refused_by_name_or_become_a_record() => Prop.ForAll(ArbMap.Default.ArbFor<(byte, NonNull<string>, byte)>(), drawn =>
    {
        var kind = (BulkKind)(drawn.Item1 % 6);
        var columns = BulkLayout.For(kind).Columns;
        var row = columns.ToDictionary(c => c.Name, c => (string?)c.Examples[0], StringComparer.Ordinal);
        var column = columns[drawn.Item3 % columns.Count].Name;
        row[column] = drawn.Item2.Get;
        return Rows(kind, BulkTemplate.Write(kind, [row])).All(r => r.Record is not null || r.Faults.Count > 0);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_row_is_told_in_order_of_its_line() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), drawn =>
    {
        var rows = Rows(BulkKind.Meters, Head(BulkKind.Meters) + string.Concat(drawn.Select(d => Pieces[d % Pieces.Length])));
        return rows.Select(r => r.Number).SequenceEqual(Enumerable.Range(1, rows.Count)) && rows.Zip(rows.Skip(1)).All(p => p.First.Line < p.Second.Line);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Five_hundred_rows_with_seven_bad_ones_name_all_seven_and_keep_the_others()
    {
        int[] bad = [3, 77, 150, 151, 300, 420, 499];
        var text = new StringBuilder(Head(BulkKind.Meters));
        for (var i = 0; i < 500; i++)
        {
            text.Append(bad.Contains(i) ? $"s{i},PGE-SAD,{i},,,utility,15,,\n" : $"s{i},OTHER,{i:0000000000},,,utility,15,,\n");
        }

        var rows = Rows(BulkKind.Meters, text.ToString());
        Assert.Equal(bad.Select(b => b + 2), rows.Where(r => r.Record is null).Select(r => r.Line));
        Assert.Equal(493, rows.Count(r => r.Record is not null));
        Assert.All(rows.Where(r => r.Record is null), r => Assert.Contains("did you mean PGE-SAID?", r.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_of_quotes_alone_ends_soon()
    {
        var rows = Rows(BulkKind.Meters, Head(BulkKind.Meters) + string.Concat(Enumerable.Repeat("\"\n", 20_001)));
        Assert.All(rows, r => Assert.Null(r.Record));
        Assert.NotEmpty(rows);
    }

    private static List<BulkRow> Rows(BulkKind kind, string text)
    {
        using var reader = new StringReader(text);
        return [.. BulkFile.Open(reader, kind).Rows()];
    }

    private static string Head(BulkKind kind) => CsvText.Line(BulkLayout.For(kind).Columns.Select(c => c.Name)) + "\n";
}
