using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests.Deploy;

/// <summary>What alert rules and dashboards ask Prometheus for, and whether the services tell it.</summary>
internal static partial class Monitoring
{
    /// <summary>Made by Prometheus itself, from its scrape configuration.</summary>
    private static readonly string[] OfPrometheus = ["up"];

    private static readonly string[] ScrapeLabels = ["job", "instance", "service", "le"];

    public static IReadOnlyList<JsonNode> Alerts { get; } =
        [.. Yaml.Read(DeployedService.Folder("monitoring", "alerts.yml"))["groups"].Items().SelectMany(group => group["rules"].Items())];

    public static IReadOnlyList<string> Dashboards { get; } = [.. Directory.EnumerateFiles(DeployedService.Folder("monitoring", "dashboards"), "*.json")];

    /// <summary>Where it stands, and the expression.</summary>
    public static IEnumerable<(string Where, string Expression)> Expressions =>
        Alerts.Select(alert => (alert.Text("alert"), alert.Text("expr"))).Concat(Dashboards.SelectMany(file => JsonNode.Parse(File.ReadAllText(file))!["panels"].Items()
            .SelectMany(panel => panel["targets"].Items().Select(target => ($"{Path.GetFileName(file)}: {panel.Text("title")}", target.Text("expr"))))));

    /// <summary>Every metric and label of rules and dashboards is one of the services'.</summary>
    /// <param name="shown">What <c>/metrics</c> of all services show, one after the other.</param>
    public static void DemandKnown(string shown)
    {
        var series = Family().Matches(shown).Select(family => (Name: family.Groups["name"].Value, Type: family.Groups["type"].Value)).Distinct()
            .SelectMany(family => family.Type == "histogram" ? new[] { family.Name + "_bucket", family.Name + "_sum", family.Name + "_count" } : [family.Name])
            .Concat(OfPrometheus).ToHashSet(StringComparer.Ordinal);
        var labels = Label().Matches(shown).Select(label => label.Groups["name"].Value).Concat(InSource()).Concat(ScrapeLabels).ToHashSet(StringComparer.Ordinal);
        Assert.NotEmpty(Expressions);
        Assert.Equal([], Expressions.SelectMany(asked => Metrics(asked.Expression).Where(name => !series.Contains(name)).Select(name => $"{asked.Where}: {name}")));
        Assert.Equal([], Expressions.SelectMany(asked => Labels(asked.Expression).Where(name => !labels.Contains(name)).Select(name => $"{asked.Where}: {name}")));
    }

    internal static IReadOnlyList<string> Metrics(string expression) =>
        [.. Name().Matches(Grouping().Replace(Matchers().Replace(expression, " "), " ")).Select(name => name.Groups["name"].Value).Where(name => !Words.Contains(name)).Distinct(StringComparer.Ordinal)];

    internal static IReadOnlyList<string> Labels(string expression) =>
    [
        .. Matchers().Matches(expression).SelectMany(all => Matcher().Matches(all.Value)).Select(one => one.Groups["name"].Value)
            .Concat(Grouping().Matches(expression).SelectMany(group => group.Groups["names"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
            .Distinct(StringComparer.Ordinal),
    ];

    private static readonly HashSet<string> Words = new(StringComparer.Ordinal) { "and", "or", "unless" };

    /// <summary>Labels that come with the first measurement, as the code names them.</summary>
    private static IEnumerable<string> InSource() => Directory.EnumerateFiles(RepositoryFiles.Path("services"), "*Metrics.cs", SearchOption.AllDirectories)
        .Concat(Directory.EnumerateFiles(RepositoryFiles.Path("services"), "*Certificate*.cs", SearchOption.AllDirectories))
        .SelectMany(file => Tag().Matches(File.ReadAllText(file))).Select(tag => tag.Groups["name"].Value);

    [GeneratedRegex(@"^# TYPE (?<name>\S+) (?<type>\S+)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Family();

    [GeneratedRegex(@"[{,](?<name>[a-z_][a-z0-9_]*)=""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();

    [GeneratedRegex(@"\{[^}]*\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Matchers();

    [GeneratedRegex(@"(?<name>[a-z_][a-z0-9_]*)\s*(=~|!~|!=|=)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Matcher();

    [GeneratedRegex(@"\b(by|without|on|ignoring)\s*\((?<names>[^)]*)\)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Grouping();

    [GeneratedRegex(@"(?<![\w\[])(?<name>[a-z_][a-z0-9_]*)\b(?!\s*\()", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();

    [GeneratedRegex(@"object\?>\(""(?<name>[a-z_]+)""|new\(""(?<name>[a-z_]+)"",", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Tag();
}
