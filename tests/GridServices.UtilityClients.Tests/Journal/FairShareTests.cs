namespace GridServices.UtilityClients.Tests.Journal;

public sealed class FairShareTests
{
    [Theory]
    [InlineData(100, new long[] { 10, 20, 30 }, null)]
    [InlineData(60, new long[] { 10, 20, 30 }, null)]
    [InlineData(100, new long[] { 10, 1_000 }, 90L)]
    [InlineData(90, new long[] { 10, 1_000, 2_000 }, 40L)]
    [InlineData(90, new long[] { 100, 100, 100 }, 30L)]
    [InlineData(0, new long[] { 5 }, 0L)]
    [InlineData(50, new long[0], null)]
    public void The_largest_give_way(long total, long[] sizes, long? share)
    {
        Assert.Equal(share, FairShare.Compute(sizes, total));
        Assert.True(sizes.Sum(s => Math.Min(s, share ?? s)) <= total);
    }
}
