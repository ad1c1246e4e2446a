using GridServices.Cluster.Feedback;
using GridServices.Cluster.Placement;
using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Testing;

namespace GridServices.Cluster.Tests.Feedback;

/// <summary>The node that runs what speaks for a stream is asked once at a time.</summary>
public sealed class ClusterHearingTests
{
    private sealed class Deaf : IStreamHearing
    {
        public string? WhyUnheard(SpokenStream stream) => "not heard here";
    }

    [Fact]
    public async Task While_one_question_is_under_way_no_other_is_asked()
    {
        var (asked, answer) = (0, new TaskCompletionSource());
        var work = new FakeWork
        {
            Look = () =>
            {
                Interlocked.Increment(ref asked);
                return answer.Task;
            },
        };
        var hearing = new ClusterHearing(new LocalHearing(new Deaf()), work, null!, TimeProvider.System);
        var stream = new SpokenStream("default", "s1", new StreamId("openadr", "v"), IsFresh: false);
        for (var i = 0; i < 50; i++)
        {
            Assert.Contains("is being asked", hearing.WhyUnheard(stream), StringComparison.Ordinal);
        }

        Assert.Equal(1, asked);
        answer.SetResult();
        await Until.HoldsAsync(() => hearing.WhyUnheard(stream) == "not heard here");
    }

    private sealed class CountingTime : TimeProvider
    {
        public int Asked { get; private set; }

        public override long GetTimestamp()
        {
            Asked++;
            return 1;
        }
    }

    [Fact]
    public void Where_many_answers_are_fresh_one_more_does_not_look_at_all_of_them()
    {
        var time = new CountingTime();
        var hearing = new ClusterHearing(new LocalHearing(new Deaf()), new FakeWork(), null!, time);
        void Ask(int site) => hearing.WhyUnheard(new SpokenStream("default", $"s{site}", new StreamId("openadr", "v"), IsFresh: false));
        for (var site = 0; site < 10_000; site++)
        {
            Ask(site);
        }

        var before = time.Asked;
        for (var site = 10_000; site < 10_100; site++)
        {
            Ask(site);
        }

        Assert.InRange(time.Asked - before, 0, 1_000);
    }
}
