using GridServices.Cluster.Requests;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Refusals;

namespace GridServices.Cluster.Tests.Requests;

/// <summary>A list is whole or refused; a request goes to one other node at most.</summary>
public sealed class CompletenessCheckTests
{
    private static readonly PlacedKey A = new("default", "a");
    private static readonly PlacedKey B = new("default", "b");

    private static Dictionary<PlacedKey, HeldPlace> Places(params (PlacedKey Key, string Sessions, long Fence)[] places) =>
        places.ToDictionary(p => p.Key, p => new HeldPlace(p.Sessions, p.Fence));

    [Fact]
    public void What_is_with_no_node_that_is_asked_is_missing()
    {
        Assert.Null(CompletenessCheck.FirstNotHeld([A, B], Places((A, "one", 1), (B, "two", 1)), ["one", "two"]));
        Assert.Equal(B, CompletenessCheck.FirstNotHeld([A, B], Places((A, "one", 1), (B, "dead", 1)), ["one", "two"]));
        Assert.Equal(A, CompletenessCheck.FirstNotHeld([A, B], Places((B, "two", 1)), ["one", "two"]));
        Assert.Equal(A, CompletenessCheck.FirstNotHeld([A], Places(), ["one"]));
        Assert.Null(CompletenessCheck.FirstNotHeld([], Places((A, "dead", 1)), ["one"]));
    }

    [Fact]
    public void What_moves_while_the_nodes_are_asked_may_be_missing()
    {
        var before = Places((A, "one", 1), (B, "two", 1));
        Assert.Null(CompletenessCheck.FirstMoved(before, Places((A, "one", 1), (B, "two", 1), (new PlacedKey("default", "new"), "one", 1))));
        Assert.Equal(B, CompletenessCheck.FirstMoved(before, Places((A, "one", 1), (B, "one", 2))));
        Assert.Equal(B, CompletenessCheck.FirstMoved(before, Places((A, "one", 1), (B, "two", 2))));
        Assert.Equal(B, CompletenessCheck.FirstMoved(before, Places((A, "one", 1))));
    }

    [Fact]
    public void A_request_that_was_sent_on_to_another_node_is_not_sent_on_again()
    {
        var me = new ClusterNode(new ClusterOptions(), new ServiceIdentity("test", 1, typeof(CompletenessCheckTests).Assembly), "http://127.0.0.1:1", null!);
        Assert.False(RequestForwarder.IsSentHere(string.Empty, me));
        Assert.True(RequestForwarder.IsSentHere(me.Sessions, me));
        Assert.Equal(ErrorClass.Unavailable, Assert.Throws<ProblemException>(() => RequestForwarder.IsSentHere("test another", me)).Class);
    }
}
