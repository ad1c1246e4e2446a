using System.Globalization;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;

namespace GridServices.Hosting.Tests.Relay;

/// <summary>kill -9 at every step between receiving and having told the hub: nothing acknowledged is lost, nothing is shown twice, order holds.</summary>
public sealed class CrashTests
{
    private const int Steps = 60;
    private static readonly string[] Points =
    [
        "outbox.mid-add:2", "store.before-commit:3", "store.after-commit:4", "outbox.before-post:1", "outbox.after-post:1", "outbox.after-settle:1",
        "store.before-commit:7", "outbox.after-post:2", "store.after-commit:9",
    ];

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Dying_at_any_step_loses_nothing(Dialect dialect)
    {
        await using var hub = await FakeHub.StartAsync();
        await using var place = TestStores.Create(dialect);
        var arguments = ChildProcess.Arguments("child-writer", place, $"--Steps={Steps}", $"--Hub:Url={hub.Url}").ToList();
        var acknowledged = 0L;
        foreach (var point in Points)
        {
            var crashed = await ChildProcess.RunAsync(arguments, ("GS_CRASH_AT", point));
            Assert.True(crashed.ExitCode != 0, $"{point} was never reached: {crashed.Output}");
            acknowledged = Math.Max(acknowledged, LastAck(crashed.Output));
            Assert.True(acknowledged < Steps, "All was done before the last crash; the test needs more steps.");
        }

        var last = await ChildProcess.RunAsync(arguments);
        Assert.True(last.ExitCode == 0, last.Errors + last.Output);
        for (var site = 0; site < WriterApp.Sites; site++)
        {
            var seen = hub.Accepted.Where(item => item.Site.EndsWith($"/site-{site}", StringComparison.Ordinal)).Select(item => long.Parse(item.Id.Split('-')[0], CultureInfo.InvariantCulture));
            Assert.Equal(Enumerable.Range(1, Steps).Select(step => (long)step), seen);
        }
    }

    [Fact]
    public async Task The_armed_step_kills_without_any_farewell()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        var ended = await ChildProcess.RunAsync(ChildProcess.Arguments("child-writer", place, "--Steps=2", "--Hub:Url=http://127.0.0.1:1"), ("GS_CRASH_AT", "store.after-commit:2"));
        Assert.Equal(137, ended.ExitCode);
        Assert.DoesNotContain("Application is shutting down", ended.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, 0)]
    [InlineData("", null, 0)]
    [InlineData("a.b", "a.b", 1)]
    [InlineData("a.b:7", "a.b", 7)]
    [InlineData("a.b:x", "a.b:x", 1)]
    public void The_variable_names_a_step_and_which_hit_of_it(string? text, string? name, int hit)
    {
        var parsed = CrashPoint.Parse(text);
        Assert.Equal(name, parsed?.Name);
        Assert.Equal(hit, parsed?.Hit ?? 0);
    }

    private static long LastAck(string output) => output.Split('\n')
        .Where(line => line.StartsWith("ack ", StringComparison.Ordinal))
        .Select(line => long.Parse(line.AsSpan(4), CultureInfo.InvariantCulture))
        .DefaultIfEmpty(0).Max();
}
