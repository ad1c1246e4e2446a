using System.Text.RegularExpressions;

namespace GridServices.Architecture.Tests;

/// <summary>docs/faults.md has a row for each fault F01 to F32, and each row names tests that are there, or says what is not met.</summary>
public sealed partial class FaultPageIsProven
{
    private static readonly IReadOnlyList<(string Fault, string Proof)> Rows = [.. Read(Repository.Read("docs/faults.md").Split('\n'))];

    [Fact]
    public void Every_fault_has_its_row() => Assert.Equal(Enumerable.Range(1, 32).Select(n => $"F{n:00}"), Rows.Select(row => row.Fault));

    [Fact]
    public void Every_test_that_it_names_is_there()
    {
        var tests = Repository.Files("*.cs").Where(file => file.StartsWith("tests/", StringComparison.Ordinal) && file.EndsWith("Tests.cs", StringComparison.Ordinal))
            .SelectMany(file => TestMethod().Matches(Repository.Read(file)).Select(m => $"{Path.GetFileNameWithoutExtension(file).Split('.')[0]}.{m.Groups["name"].Value}"))
            .ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(Rows.SelectMany(row => Named().Matches(row.Proof).Select(m => m.Groups["name"].Value)), name => !tests.Contains(name));
    }

    [Fact]
    public void Every_row_is_proven_or_says_why_not() =>
        Assert.Empty(Rows.Where(row => !Named().IsMatch(row.Proof) && !row.Proof.StartsWith("Not met", StringComparison.Ordinal)).Select(row => row.Fault));

    private static IEnumerable<(string Fault, string Proof)> Read(string[] lines) =>
        from line in lines
        let cells = line.Split('|', StringSplitOptions.TrimEntries)
        where cells.Length > 4 && FaultNumber().IsMatch(cells[1])
        select (cells[1], cells[^2]);

    [GeneratedRegex("^F[0-9]{2}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FaultNumber();

    // What is public in a class of tests is a test: xunit's analyzer sees to that.
    [GeneratedRegex(@"public (async )?(Task|void|ValueTask) (?<name>\w+)\(", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex TestMethod();

    [GeneratedRegex(@"`(?<name>[A-Z]\w+\.[A-Z]\w+)`", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Named();
}
