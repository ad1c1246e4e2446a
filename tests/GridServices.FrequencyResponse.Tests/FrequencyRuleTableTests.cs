using System.Text.RegularExpressions;
using GridServices.FrequencyResponse.Tests.Simulation;
using GridServices.Simulators.Grid.Plots;

namespace GridServices.FrequencyResponse.Tests;

/// <summary>docs/frequency.md against the code.</summary>
public sealed partial class FrequencyRuleTableTests
{
    private static readonly string Core = Path.Combine(Page.Root, "services", "FrequencyResponse", "GridServices.FrequencyResponse");

    [Fact]
    public void Each_file_of_the_table_exists_the_first_cites_its_rule_and_each_test_exists()
    {
        var rows = Page.Text.Split('\n').Select(line => TableRow().Match(line)).Where(m => m.Success).ToList();
        Assert.True(rows.Count >= 28, $"Only {rows.Count} rows were read from the table.");
        Assert.All(rows, row =>
        {
            var files = Code().Matches(row.Groups["files"].Value).Select(m => Path.GetFullPath(Path.Combine(Core, m.Groups["file"].Value))).ToList();
            Assert.All(files, file => Assert.True(File.Exists(file), $"{row.Groups["rule"]}: {file} does not exist"));
            Assert.Contains(row.Groups["rule"].Value, File.ReadAllText(files[0]), StringComparison.OrdinalIgnoreCase);
            Assert.True(TestExists(row.Groups["test"].Value), $"{row.Groups["rule"]}: test {row.Groups["test"]} does not exist");
        });
    }

    [Fact]
    public void Catalog_page_says_what_the_catalog_holds() => Assert.Equal(
        CatalogPage.Draw(), File.ReadAllText(Path.Combine(Page.Folder, "frequency", CatalogPage.FileName)));

    private static bool TestExists(string test)
    {
        var (type, method) = (test.Split('.')[0], test.Split('.')[1]);
        return Directory.EnumerateFiles(Path.Combine(Page.Root, "tests"), type + ".cs", SearchOption.AllDirectories)
            .Any(file => File.ReadAllText(file).Contains($" {method}(", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^\| (?<rule>[^|]+) \|[^|]*\| (?<files>`[^|]*`) \| `(?<test>\w+\.\w+)` \|$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TableRow();

    [GeneratedRegex("`(?<file>[^`]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();
}
