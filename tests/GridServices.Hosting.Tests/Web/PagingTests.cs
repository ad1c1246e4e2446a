using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;

namespace GridServices.Hosting.Tests.Web;

public sealed class PagingTests
{
    private static readonly string[] Items = ["b", "a", "d", "c", "e"];

    [Fact]
    public void Pages_follow_one_another_without_gap_and_the_last_has_no_next()
    {
        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = Paging.Parse(after, "2")!.Slice(Items, item => item);
            seen.AddRange(page.Items);
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal(["a", "b", "c", "d", "e"], seen);
        Assert.Null(Paging.Parse(null, "5")!.Slice(Items, item => item).Next);
    }

    [Fact]
    public void Without_limit_and_after_there_is_no_page() => Assert.Null(Paging.Parse(null, null));

    [Theory]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("-1")]
    [InlineData("ten")]
    [InlineData("")]
    public void A_limit_that_is_none_is_refused(string limit) =>
        Assert.Equal(ErrorClass.SemanticNumber, Assert.Throws<ProblemException>(() => Paging.Parse(null, limit)).Class);
}
