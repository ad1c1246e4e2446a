using System.Text.Json;
using System.Text.RegularExpressions;

namespace GridServices.Architecture.Tests;

/// <summary>Solution filters and how-to pages name what is there.</summary>
public sealed partial class TheInnerLoopIsTrue
{
    [Fact]
    public void Every_service_has_a_filter_with_its_core_and_its_tests()
    {
        Assert.NotEmpty(Repository.Services);
        foreach (var service in Repository.Services)
        {
            var name = service.Name["GridServices.".Length..^".Service".Length];
            var projects = ReadProjects($"{name}.slnf");
            Assert.Empty(new[] { "", ".Service", ".Tests", ".Service.Tests" }.Select(end => $"GridServices.{name}{end}").Except(projects));
        }
    }

    [Fact]
    public void Every_filter_names_projects_of_the_solution()
    {
        var all = Repository.Projects.Select(project => project.Name).ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateFiles(Repository.Root, "*.slnf").SelectMany(filter => ReadProjects(Path.GetFileName(filter))), project => !all.Contains(project));
    }

    [Fact]
    public void Quick_tests_are_all_unit_tests()
    {
        string[] leftOut = ["GridServices.EndToEnd.Tests", "GridServices.Faults.Tests", "GridServices.Hosting.Tests", "GridServices.Contract.Tests", "GridServices.UtilityClients.Tests", "GridServices.Cluster.Tests", "GridServices.Operations.Console.Tests", "GridServices.Simulation.Tests", "GridServices.Fuzzing.Tests"];
        var units = Repository.Projects.Select(project => project.Name)
            .Where(name => name.EndsWith(".Tests", StringComparison.Ordinal) && !name.EndsWith(".Service.Tests", StringComparison.Ordinal) && !leftOut.Contains(name));
        Assert.Equal(units.Order(StringComparer.Ordinal), ReadProjects("UnitTests.slnf").Where(name => name.EndsWith(".Tests", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_how_to_pages_name_real_files()
    {
        var named = (from page in Repository.Files("*.md")
                     where page.StartsWith("docs/how-to/", StringComparison.Ordinal)
                     let text = Repository.Read(page)
                     from Match path in FilePath().Matches(text)
                     let file = path.Groups["path"].Value
                     where !file.Contains("services/X/", StringComparison.Ordinal) && !file.StartsWith("sql/", StringComparison.Ordinal)
                     select (Page: page, File: file, IsThere: Bases(text).Any(folder => Path.Exists(Path.Combine(Repository.Root, folder, file))))).ToList();
        Assert.NotEmpty(named);
        Assert.DoesNotContain(named, path => !path.IsThere);
    }

    [Fact]
    public void The_tests_that_pages_name_are_there()
    {
        var there = Repository.Files("*.cs").Where(file => file.StartsWith("tests/", StringComparison.Ordinal)).SelectMany(file => TestClass().Matches(Repository.Read(file)))
            .Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        var named = (from page in Repository.Files("*.md")
                     from Match test in NamedTest().Matches(Repository.Read(page))
                     select (Page: page, Test: test.Groups["name"].Value)).ToList();
        Assert.NotEmpty(named);
        Assert.DoesNotContain(named, test => !there.Contains(test.Test));
    }

    [Fact]
    public void Every_package_of_the_product_is_named_with_its_bounds()
    {
        var decision = Repository.Read("docs/decisions/0001-packages.md");
        var packages = Repository.Projects.Where(project => !project.Folder.StartsWith("tests/", StringComparison.Ordinal)).SelectMany(project => project.Packages).ToHashSet(StringComparer.Ordinal);
        Assert.NotEmpty(packages);
        Assert.DoesNotContain(packages, package => !IsNamed(decision, package));
    }

    // "Hangfire" stands for Hangfire.Core and its stores, "OpenTelemetry" for its exporters.
    private static bool IsNamed(string decision, string package) =>
        Enumerable.Range(1, package.Split('.').Length).Any(parts => decision.Contains("| " + string.Join('.', package.Split('.').Take(parts)), StringComparison.Ordinal))
        || decision.Contains(", " + package, StringComparison.Ordinal);

    // A page may say once that its paths are relative to a project.
    private static IEnumerable<string> Bases(string text) => RelativeTo().Matches(text).Select(match => match.Groups["folder"].Value).Append(string.Empty);

    private static IReadOnlyList<string> ReadProjects(string filter)
    {
        using var json = JsonDocument.Parse(Repository.Read(filter));
        return [.. json.RootElement.GetProperty("solution").GetProperty("projects").EnumerateArray()
            .Select(project => Path.GetFileNameWithoutExtension(project.GetString()!.Replace('\\', '/')))];
    }

    [GeneratedRegex(@"`(?<path>[\w.-]+(/[\w.-]+)+\.(cs|csproj|md|json|sql|slnf))`", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FilePath();

    [GeneratedRegex(@"`(?<name>[A-Z]\w*(Tests|Properties))`", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamedTest();

    [GeneratedRegex(@"\bclass (?<name>\w+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TestClass();

    [GeneratedRegex(@"relative to `(?<folder>[^`]+)`", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RelativeTo();
}
