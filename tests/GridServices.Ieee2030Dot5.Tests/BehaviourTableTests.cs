using System.Text.RegularExpressions;

namespace GridServices.Ieee2030Dot5.Tests;

/// <summary>docs/ieee2030-5.md against the code: every behaviour listed has its file and its test, every rule cited is listed.</summary>
public sealed partial class BehaviourTableTests
{
    private static readonly string Root = FindRoot();
    private static readonly string Core = Path.Combine(Root, "services", "Ieee2030Dot5", "GridServices.Ieee2030Dot5");
    private static readonly string Page = File.ReadAllText(Path.Combine(Root, "docs", "ieee2030-5.md"));

    [Fact]
    public void Each_behaviour_has_a_file_and_a_test_that_exist()
    {
        var rows = Rows();
        Assert.True(rows.Count > 45, $"Only {rows.Count} rows were read from the table.");
        var tests = TestMethods();
        Assert.Multiple([.. rows.Select(row => (Action)(() =>
        {
            Assert.NotEmpty(row.Files);
            Assert.NotEmpty(row.Tests);
            Assert.All(row.Files, file => Assert.True(File.Exists(Path.GetFullPath(Path.Combine(Core, file))), $"{row.Name}: {file} does not exist"));
            Assert.All(row.Tests, test => Assert.True(tests.Contains(test), $"{row.Name}: test {test} does not exist"));
        }))]);
    }

    [Fact]
    public void Each_row_of_the_table_is_understood()
    {
        var table = Page[Page.IndexOf("| behaviour | what | file | test |", StringComparison.Ordinal)..];
        Assert.Equal(table.Split('\n').Count(l => l.StartsWith("| ", StringComparison.Ordinal)) - 1, Rows().Count);
    }

    [Fact]
    public void Every_rule_cited_in_the_engine_stands_in_the_table_with_that_file()
    {
        var rows = Rows();
        foreach (var file in Directory.EnumerateFiles(Core, "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal)))
        {
            var relative = Path.GetRelativePath(Core, file).Replace('\\', '/');
            Assert.All(Citation().Matches(File.ReadAllText(file)).Select(m => m.Groups["rule"].Value).Distinct(StringComparer.Ordinal), rule =>
                Assert.True(rows.Any(r => r.Names.Contains(rule) && r.Files.Contains(relative)), $"{relative} cites behaviour rule {rule}, the table doesn't say so"));
        }
    }

    [Fact]
    public void Every_public_client_procedure_is_in_the_table_or_named_as_missing()
    {
        var missing = Missing().Match(Page).Groups["names"].Value.Split(", ");
        var listed = Rows().SelectMany(r => r.Names).ToHashSet(StringComparer.Ordinal);
        var procedures = Procedures.PublicProcedureTests.ScriptNames();
        Assert.True(procedures.Count > 40);
        Assert.All(procedures, p => Assert.True(
            listed.Contains(p) != missing.Contains(p), $"{p} is not exactly once in the table or under what no row speaks of"));
    }

    private static List<Row> Rows() =>
    [
        .. Page.Split('\n').Select(line => TableRow().Match(line)).Where(m => m.Success)
            .Select(m => new Row(m.Groups["names"].Value, [.. m.Groups["names"].Value.Split(", ")], Codes(m.Groups["files"].Value), Codes(m.Groups["tests"].Value))),
    ];

    private static string[] Codes(string cell) => [.. Code().Matches(cell).Select(c => c.Groups["code"].Value)];

    private static HashSet<string> TestMethods()
    {
        var methods = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*Tests.cs", SearchOption.AllDirectories).Where(f => f.Contains("Ieee2030Dot5", StringComparison.Ordinal)))
        {
            methods.UnionWith(Method().Matches(File.ReadAllText(file)).Select(m => $"{Path.GetFileNameWithoutExtension(file)}.{m.Groups["name"].Value}"));
        }

        return methods;
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

    [GeneratedRegex(@"^\| (?<names>[^|`]+) \| [^|`]+ \| (?<files>`[^|]+`) \| (?<tests>`[^|]+`) \|$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"No row above speaks of: (?<names>[^.]+)\.", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Missing();

    [GeneratedRegex("`(?<code>[^`]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();

    [GeneratedRegex(@"Behaviour rule (?<rule>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Citation();

    [GeneratedRegex(@"\s(?<name>[A-Z]\w+)\(", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Method();

    private sealed record Row(string Name, string[] Names, string[] Files, string[] Tests);
}
