using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests.Deploy;

/// <summary>deploy/monitoring: rules that Prometheus takes, that fire for injected faults, and of which the operations page says what to do.</summary>
public sealed partial class MonitoringTests
{
    public static TheoryData<string> Alerts => [.. Monitoring.Alerts.Select(alert => alert.Text("alert"))];

    [Theory]
    [InlineData("check", "rules", "alerts.yml")]
    [InlineData("check", "config", "prometheus.yml")]
    [InlineData("test", "rules", "alerts.test.yml")]
    public async Task Prometheus_takes_the_rules_and_they_fire_for_injected_faults_alone(string verb, string what, string file)
    {
        var said = await Tool.RunAsync("prometheus", "promtool", [verb, what, DeployedService.Folder("monitoring", file)]);
        Assert.True(said.Code == 0, said.Text);
    }

    [Theory]
    [MemberData(nameof(Alerts))]
    public void An_alert_says_what_is_wrong_and_where_it_is_written_what_to_do(string name)
    {
        var alert = Monitoring.Alerts.Single(a => a.Text("alert") == name);
        Assert.Contains(alert["labels"].Text("severity"), new[] { "critical", "warning" });
        Assert.NotEmpty(alert["annotations"].Text("summary"));
        var runbook = alert["annotations"].Text("runbook").Split('#');
        var page = File.ReadAllText(RepositoryFiles.Path(runbook[0].Split('/')));
        var section = Section(page, runbook[1]);
        Assert.True(section.Contains("**First**:", StringComparison.Ordinal), $"{runbook[0]} does not say of {name} what to do first");
    }

    [Fact]
    public void Every_alert_of_the_operations_page_is_raised_by_a_rule()
    {
        var page = File.ReadAllText(RepositoryFiles.Path("docs", "operations.md"));
        var alerts = page[page.IndexOf("\n## Alerts\n", StringComparison.Ordinal)..];
        var written = Heading().Matches(alerts[..alerts.IndexOf("\n## ", 3, StringComparison.Ordinal)]).Select(heading => heading.Groups["name"].Value);
        Assert.Equal(Monitoring.Alerts.Select(alert => alert.Text("alert")).Order(StringComparer.Ordinal), written.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Rules_are_tested_without_a_fault_and_with_at_least_five()
    {
        var tests = Yaml.Read(DeployedService.Folder("monitoring", "alerts.test.yml"))["tests"].Items().ToList();
        var raised = tests.Select(test => test["alert_rule_test"].Items().Count(expected => expected["exp_alerts"].Items().Any())).ToList();
        Assert.Equal(0, raised[0]);
        Assert.True(raised.Count(count => count > 0) >= 5);
        Assert.Equal(Monitoring.Alerts.Count, tests[0]["alert_rule_test"].Items().Count());
    }

    [Fact]
    public void Every_service_that_listens_is_scraped_at_its_own_port()
    {
        var scraped = Yaml.Read(DeployedService.Folder("monitoring", "prometheus.yml"))["scrape_configs"].Items().Single()["static_configs"].Items()
            .ToDictionary(group => group["labels"].Text("service"), group => group["targets"].Items().Single().ToString(), StringComparer.Ordinal);
        Assert.Equal(DeployedService.All.Where(service => service.Port is not null).ToDictionary(service => service.Name, service => $"127.0.0.1:{service.Port}", StringComparer.Ordinal), scraped);
    }

    [Fact]
    public void Dashboards_have_ids_of_their_own_and_panels_that_do_not_overlap()
    {
        var boards = Monitoring.Dashboards.Select(file => JsonNode.Parse(File.ReadAllText(file))!).ToList();
        Assert.Equal(boards.Count, boards.Select(board => board.Text("uid")).Distinct(StringComparer.Ordinal).Count());
        foreach (var panels in boards.Select(board => board["panels"].Items().ToList()))
        {
            Assert.Equal(panels.Count, panels.Select(panel => (panel["gridPos"].Text("x"), panel["gridPos"].Text("y"))).Distinct().Count());
            Assert.Equal(panels.Count, panels.Select(panel => panel.Text("id")).Distinct(StringComparer.Ordinal).Count());
        }
    }

    [Theory]
    [InlineData("sum by (le, service) (rate(a_bucket{outcome=~\"x|y\", b!=\"c\"}[5m])) > 0.5 or up{job=\"g\"} == 0", "a_bucket up", "outcome b job le service")]
    [InlineData("increase(a_total[1h]) > 0 and on (service) b - c > 1e3", "a_total b c", "service")]
    public void What_an_expression_asks_for_is_read_from_it(string expression, string metrics, string labels)
    {
        Assert.Equal(metrics.Split(' '), Monitoring.Metrics(expression));
        Assert.Equal(labels.Split(' '), Monitoring.Labels(expression));
    }

    private static string Section(string page, string anchor)
    {
        var heading = Heading().Matches(page).Single(found => string.Equals(found.Groups["name"].Value, anchor, StringComparison.OrdinalIgnoreCase));
        var rest = page[(heading.Index + heading.Length)..];
        return rest.IndexOf("\n#", StringComparison.Ordinal) is >= 0 and var end ? rest[..end] : rest;
    }

    [GeneratedRegex(@"^### (?<name>\w+)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Heading();
}
