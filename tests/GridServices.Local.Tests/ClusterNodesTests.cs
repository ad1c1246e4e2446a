using GridServices.Local.Feed;

namespace GridServices.Local.Tests;

/// <summary>Several instances of a service on one machine.</summary>
public sealed class ClusterNodesTests
{
    private static readonly LocalProgram Node = new("openadr-2", "OpenAdr, node 2", "p", 5310, [], new Dictionary<string, string>(StringComparer.Ordinal), "/", OutputAudience.Log, Cluster: "openadr");

    [Fact]
    public void What_a_node_says_of_its_cluster_is_told_in_its_own_words()
    {
        var change = ClusterNodes.Read(
            Node, "2026-11-30T13:13:11.275Z warn: GridServices.Cluster.Placement.TakeOvers[10031] Took over from openadr-1 2.4 s after its last sign of life: VENs 2");
        Assert.Equal("openadr-2: Took over from openadr-1 2.4 s after its last sign of life: VENs 2", change?.Text);
        Assert.Equal(ChangeWeight.Normal, change?.Weight);
    }

    [Fact]
    public void What_is_about_something_else_is_no_news_of_the_cluster() =>
        Assert.Null(ClusterNodes.Read(Node, "2026-11-30T13:13:11.275Z info: GridServices.UtilityClients.Engine.EngineLoop[8005] VEN default/site-2 Registered"));

    [Fact]
    public void Without_several_nodes_each_service_is_one_program() =>
        Assert.Equal(["openadr"], ClusterNodes.Create(Node with { Name = "openadr" }, new Options()).Select(program => program.Name));

    [Fact]
    public void A_service_that_does_not_share_its_work_is_one_program_among_several_nodes() =>
        Assert.Equal(["tariffs"], ClusterNodes.Create(Node with { Name = "tariffs" }, new Options { Nodes = 3 }).Select(program => program.Name));

    [Theory]
    [InlineData("0")]
    [InlineData("6")]
    [InlineData("many")]
    public void A_number_of_nodes_that_can_not_be_meant_is_refused(string nodes) =>
        Assert.Contains("--nodes", Assert.Throws<LaunchException>(() => Options.Parse(["--nodes", nodes])).Message, StringComparison.Ordinal);
}
