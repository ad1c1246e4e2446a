using System.Text.RegularExpressions;
using GridServices.Testing;

namespace GridServices.Operations.Service.Tests.Plays;

/// <summary>The table of plays in docs/operations.md names tests that there are.</summary>
public sealed partial class PlayTableTests
{
    [Fact]
    public async Task Each_play_of_the_table_names_tests_that_there_are()
    {
        var text = await File.ReadAllTextAsync(RepositoryFiles.Path("docs", "operations.md"), TestContext.Current.CancellationToken);
        var rows = Row().Matches(text[text.IndexOf("## Acceptance plays", StringComparison.Ordinal)..]).ToList();
        Assert.Equal(Enumerable.Range(1, 20), rows.Select(r => int.Parse(r.Groups["play"].Value, System.Globalization.CultureInfo.InvariantCulture)));
        foreach (var row in rows.Where(r => r.Groups["tests"].Value.Trim() != "open"))
        {
            var named = Test().Matches(row.Groups["tests"].Value).ToList();
            Assert.NotEmpty(named);
            Assert.All(named, test => Assert.True(Has(test.Groups["class"].Value, test.Groups["method"].Value), $"there is no test {test.Value}"));
        }
    }

    private static bool Has(string type, string method) => Directory.EnumerateFiles(RepositoryFiles.Path("tests"), $"{type}.cs", SearchOption.AllDirectories)
        .Any(file => File.ReadAllText(file).Contains($" {method}(", StringComparison.Ordinal));

    [GeneratedRegex(@"^\| (?<play>\d+) [^|]*\| (?<tests>[^|]*)\|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(?<class>\w+)\.(?<method>\w+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Test();
}
