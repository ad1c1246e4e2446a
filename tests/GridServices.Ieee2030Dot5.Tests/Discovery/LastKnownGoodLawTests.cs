using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>Random faults of a server, one upon another, against the one thing that must never happen.</summary>
public sealed class LastKnownGoodLawTests
{
    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 15)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void While_the_utility_means_a_limit_no_step_states_a_looser_one_and_a_tighter_one_acts(int seed)
    {
        var utility = new ErringUtility(seed);
        var world = utility.World;
        world.Run(Duration.FromMinutes(1));
        Assert.Equal(utility.Meant, world.StrictestExportNow());

        var story = new List<string>();
        for (var second = 0; second < 1200; second++)
        {
            if (utility.Next() is { } happened)
            {
                story.Add($"{second} s: {happened}");
            }

            world.Run(Duration.FromSeconds(1));
            Assert.True(world.Server.Requests.Count < 20 * (second + 60), $"{world.Server.Requests.Count} requests by {second} s, {string.Join(' ', world.Server.Requests.TakeLast(40).Select(r => r.Method + r.Path))}\n{string.Join('\n', story)}");
            Assert.True(world.StrictestExportNow() <= utility.Meant, $"{world.StrictestExportNow()} W, meant {utility.Meant} W, at {second} s\n{string.Join('\n', story)}");
        }

        utility.PutRight(300);
        world.Run(Duration.FromMinutes(5));
        Assert.True(world.StrictestExportNow() == 300, string.Join('\n', story));
        Assert.Empty(world.State.Line.Missed);
    }
}
