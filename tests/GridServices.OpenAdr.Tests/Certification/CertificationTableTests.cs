using System.Text.RegularExpressions;
using GridServices.Testing;

namespace GridServices.OpenAdr.Tests.Certification;

/// <summary>docs/openadr-certification.md against the tests: every case has its row, and its tests are there.</summary>
public sealed partial class CertificationTableTests
{
    private static readonly string Tests = Path.GetFullPath(Path.Combine(TestData.Path("openadr"), "..", ".."));

    private static readonly Dictionary<string, string> Sources = Directory.EnumerateFiles(Tests, "*Tests.cs", SearchOption.AllDirectories)
        .Where(f => Path.GetDirectoryName(f)!.Contains("GridServices.OpenAdr.", StringComparison.Ordinal))
        .ToDictionary(f => f, File.ReadAllText, StringComparer.Ordinal);

    [Fact]
    public void Every_case_has_one_row_and_every_row_is_a_case()
    {
        var cases = File.ReadAllLines(TestData.Path("openadr/certification-cases.txt"));
        Assert.True(cases.Length > 70, $"Only {cases.Length} cases are listed.");
        Assert.Equal(cases, Rows().Select(r => $"{r.Pull} {r.Push}".Trim()));
        Assert.Equal(cases.Length, cases.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Every_test_named_exists_once_and_every_row_with_a_push_case_names_one_that_pushes() => Assert.All(Rows(), row =>
    {
        Assert.NotEmpty(row.Tests);
        Assert.All(row.Tests, test => Assert.True(CountDefinitions(test) == 1, $"{row.Pull}: {test} is defined {CountDefinitions(test)} times"));
        Assert.True(row.Push.Length == 0 || row.Tests.Any(Pushes), $"{row.Push}: no test of the row pushes");
    });

    private static List<Row> Rows() =>
    [
        .. File.ReadLines(Path.Combine(Tests, "..", "docs", "openadr-certification.md")).Select(line => TableRow().Match(line)).Where(m => m.Success)
            .Select(m => new Row(m.Groups["pull"].Value, m.Groups["push"].Value.Trim('–'), [.. TestName().Matches(m.Groups["tests"].Value).Select(t => (t.Groups["type"].Value, t.Groups["method"].Value))])),
    ];

    /// <summary>How often a test method of this name stands in the files of its class; another class with the same name of a method would be another scenario.</summary>
    private static int CountDefinitions((string Type, string Method) test) => Sources
        .Where(s => Path.GetFileName(s.Key) == test.Type + ".cs")
        .Sum(s => Regex.Count(s.Value, $@"\[(Fact|Theory)\][^{{}}]*?\b(void|Task) {test.Method}\(", RegexOptions.ExplicitCapture, TimeSpan.FromMinutes(2)));

    private static bool Pushes((string Type, string Method) test) => test.Type.StartsWith("Push", StringComparison.Ordinal)
        || Sources.Values.Any(s => s.Contains($" class Pushed{test.Type}() : {test.Type}(VenTransport.Push);", StringComparison.Ordinal));

    [GeneratedRegex(@"^\| (?<pull>[A-Z]1_[\d-]+) \| (?<push>[A-Z]0_[\d-]+|–) \| [^|]+ \| (?<tests>`[^|]+`) \|$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"`(?<type>\w+)\.(?<method>\w+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TestName();

    private sealed record Row(string Pull, string Push, IReadOnlyList<(string Type, string Method)> Tests);
}
