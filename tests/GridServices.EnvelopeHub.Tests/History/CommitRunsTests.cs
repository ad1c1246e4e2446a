using GridServices.EnvelopeHub.History;

namespace GridServices.EnvelopeHub.Tests.History;

public sealed class CommitRunsTests
{
    private static readonly CommitRuns Runs = new([new CommitRun(100, 120), new CommitRun(900, 905)], 5_000);

    [Theory]
    [InlineData(0, true)] // from before runs were kept
    [InlineData(100, true)]
    [InlineData(120, true)]
    [InlineData(121, false)] // the run was put back to 120
    [InlineData(903, true)]
    [InlineData(906, false)]
    [InlineData(4_000, false)] // a run that was put back away
    [InlineData(5_000, true)]
    [InlineData(5_007, true)]
    [InlineData(5_008, false)]
    public void A_number_is_known_where_one_of_the_runs_gave_it_out(long head, bool known) => Assert.Equal(known, Runs.HasIssued(head, commits: 5_007));

    [Fact]
    public void A_store_without_runs_knows_what_it_has_counted()
    {
        Assert.True(new CommitRuns([], 0).HasIssued(7, 7));
        Assert.False(new CommitRuns([], 0).HasIssued(8, 7));
    }
}
