using System.Globalization;
using GridServices.Cluster.Placement;

namespace GridServices.Cluster.Tests.Placement;

/// <summary>Which node a key belongs to.</summary>
public sealed class RendezvousTests
{
    private static readonly IReadOnlyList<string> Keys = [.. Enumerable.Range(0, 3_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"default/site-{i}"))];

    private static Dictionary<string, string> Owners(params string[] nodes) => Keys.ToDictionary(key => key, key => Rendezvous.Owner(key, nodes, node => node));

    [Fact]
    public void Every_node_works_out_the_same_whatever_the_order_in_which_it_sees_the_others() =>
        Assert.Equal(Owners("a:1", "b:1", "c:1"), Owners("c:1", "a:1", "b:1"));

    [Fact]
    public void Keys_are_spread_evenly() =>
        Assert.All(Owners("a:1", "b:1", "c:1").Values.CountBy(node => node), count => Assert.InRange(count.Value, 850, 1_150));

    [Fact]
    public void When_a_node_goes_its_keys_alone_move_and_to_all_others()
    {
        var (before, after) = (Owners("a:1", "b:1", "c:1"), Owners("a:1", "b:1"));
        Assert.All(Keys.Where(key => before[key] != "c:1"), key => Assert.Equal(before[key], after[key]));
        Assert.All(Keys.Where(key => before[key] == "c:1").Select(key => after[key]).CountBy(node => node), count => Assert.InRange(count.Value, 350, 650));
    }

    [Fact]
    public void When_a_node_comes_what_moves_goes_to_it()
    {
        var (before, after) = (Owners("a:1", "b:1"), Owners("a:1", "b:1", "c:1"));
        Assert.All(Keys.Where(key => before[key] != after[key]), key => Assert.Equal("c:1", after[key]));
    }

    [Fact]
    public void No_node_is_no_answer() => Assert.Throws<ArgumentException>(() => Rendezvous.Owner("k", Array.Empty<string>(), node => node));
}
