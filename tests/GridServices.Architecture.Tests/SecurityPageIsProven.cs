using System.Text.RegularExpressions;

namespace GridServices.Architecture.Tests;

/// <summary>Each line of docs/security.md that promises something names the tests that hold it; what is not met says so.</summary>
public sealed partial class SecurityPageIsProven
{
    private static readonly IReadOnlyList<(string What, string Proof)> Rows = [.. Read(Repository.Read("docs/security.md").Split('\n'))];

    [Fact]
    public void Every_test_that_it_names_is_there()
    {
        var tests = Repository.Files("*.cs").Where(file => file.StartsWith("tests/", StringComparison.Ordinal))
            .SelectMany(file => TestMethod().Matches(Repository.Read(file)).Select(m => $"{Path.GetFileNameWithoutExtension(file).Split('.')[0]}.{m.Groups["name"].Value}"))
            .ToHashSet(StringComparer.Ordinal);
        Assert.True(Rows.Count > 60, $"only {Rows.Count} rows were found");
        Assert.DoesNotContain(Rows.SelectMany(row => Named().Matches(row.Proof).Select(m => m.Groups["name"].Value)), name => !tests.Contains(name));
    }

    [Fact]
    public void Every_row_is_proven_or_says_why_not() => Assert.Empty(Rows
        .Where(row => !Named().IsMatch(row.Proof) && !row.Proof.StartsWith("Not met", StringComparison.Ordinal) && !row.Proof.StartsWith("Operator: ", StringComparison.Ordinal) && !row.Proof.StartsWith("Outside tests: ", StringComparison.Ordinal))
        .Select(row => row.What));

    /// <summary>The rows of tables whose last column is called proof.</summary>
    private static IEnumerable<(string What, string Proof)> Read(string[] lines)
    {
        var isProven = false;
        for (var i = 0; i < lines.Length; i++)
        {
            var cells = lines[i].Split('|', StringSplitOptions.TrimEntries);
            if (cells.Length < 4)
            {
                isProven = false;
            }
            else if (cells[^2] == "proof")
            {
                isProven = true;
                i++; // the line of dashes
            }
            else if (isProven)
            {
                yield return (cells[1], cells[^2]);
            }
        }
    }

    [GeneratedRegex(@"\[(Fact|Theory)[^\]]*\](\s*\[[^\n]*\])*\s*public (async )?(Task|void|ValueTask) (?<name>\w+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex TestMethod();

    [GeneratedRegex(@"`(?<name>[A-Z]\w+\.[A-Z]\w+)`", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Named();
}
