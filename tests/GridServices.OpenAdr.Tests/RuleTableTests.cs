using System.Text.RegularExpressions;

namespace GridServices.OpenAdr.Tests;

/// <summary>docs/openadr.md against the code: the table of rules says what is, and all of it.</summary>
public sealed partial class RuleTableTests
{
    private static readonly string Root = FindRoot();
    private static readonly string Doc = Path.Combine(Root, "docs", "openadr.md");
    private static readonly string Core = Path.Combine(Root, "services", "OpenAdr", "GridServices.OpenAdr");

    [Fact]
    public void Each_file_in_the_table_cites_its_rule_and_each_test_exists()
    {
        var rows = Rows();
        Assert.True(rows.Count > 70, $"Only {rows.Count} rows were read from the table.");
        Assert.Multiple([.. rows.Select(row => (Action)(() =>
        {
            Assert.NotEmpty(row.Files);
            Assert.All(row.Files, file =>
            {
                var path = Path.GetFullPath(Path.Combine(Core, file));
                Assert.True(File.Exists(path), $"rule {row.Rule}: {file} does not exist");
                Assert.True(Cited(File.ReadAllText(path)).Contains(row.Rule), $"rule {row.Rule}: {file} does not cite it");
            });
            Assert.True(TestExists(row.Test), $"rule {row.Rule}: test {row.Test} does not exist");
        }))]);
    }

    [Fact]
    public void Every_rule_cited_in_the_engine_stands_in_the_table_with_that_file()
    {
        var rows = Rows().ToDictionary(r => r.Rule, r => r.Files);
        foreach (var file in Directory.EnumerateFiles(Core, "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal)))
        {
            var relative = Path.GetRelativePath(Core, file).Replace('\\', '/');
            Assert.All(Cited(File.ReadAllText(file)), rule =>
                Assert.True(rows.TryGetValue(rule, out var files) && files.Contains(relative), $"{relative} cites rule {rule}, the table doesn't say so"));
        }
    }

    [Fact]
    public void Every_rule_that_binds_a_VEN_has_a_row_or_a_reason_why_it_has_no_code()
    {
        var kept = Rows().Select(r => r.Rule).ToList();
        var reasons = Reasons();
        Assert.Empty(VenRules.All.Except(kept).Except(reasons));
        Assert.Empty(kept.Intersect(reasons));
        Assert.Empty(kept.Concat(reasons).Except(VenRules.All));
        Assert.Equal(kept.Count, kept.Distinct().Count());
    }

    private static List<int> Reasons() =>
        [.. File.ReadLines(Doc).Select(line => ReasonRow().Match(line)).Where(m => m.Success).Select(m => int.Parse(m.Groups["rule"].Value))];

    private static List<Row> Rows() =>
    [
        .. File.ReadLines(Doc)
            .Select(line => TableRow().Match(line)).Where(m => m.Success)
            .Select(m => new Row(int.Parse(m.Groups["rule"].Value), [.. Code().Matches(m.Groups["files"].Value).Select(c => c.Groups["file"].Value)], m.Groups["test"].Value)),
    ];

    // A citation may run over a line of comment: "rules 14,⏎/// 29, 110".
    private static HashSet<int> Cited(string source) =>
        [.. Citation().Matches(CommentBreak().Replace(source, " ")).SelectMany(m => Number().Matches(m.Groups["rules"].Value)).Select(n => int.Parse(n.Value))];

    private static bool TestExists(string test)
    {
        var (type, method) = (test.Split('.')[0], test.Split('.')[1]);
        return Directory.EnumerateFiles(Path.Combine(Root, "tests"), type + ".cs", SearchOption.AllDirectories)
            .Any(file => File.ReadAllText(file).Contains($" {method}(", StringComparison.Ordinal));
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GridServices.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests run outside a checkout.");
    }

    [GeneratedRegex(@"^\| (?<rule>\d+) \|[^|]*\|(?<files>[^|]*)\| `(?<test>[\w.]+)` \|$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"^\| (?<rule>\d+) \|[^|`]{20,}\|$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ReasonRow();

    [GeneratedRegex("`(?<file>[^`]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();

    [GeneratedRegex(@"OpenADR 2\.0b rules? (?<rules>\d+((, | and )\d+)*)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Citation();

    [GeneratedRegex(@"\s*\n\s*///?\s*", RegexOptions.None, 1000)]
    private static partial Regex CommentBreak();

    [GeneratedRegex(@"\d+", RegexOptions.None, 1000)]
    private static partial Regex Number();

    private sealed record Row(int Rule, IReadOnlyList<string> Files, string Test);
}
