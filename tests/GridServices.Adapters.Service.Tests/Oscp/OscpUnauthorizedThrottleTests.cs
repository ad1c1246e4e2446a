using System.Net;
using GridServices.Adapters.Service.Oscp;
using GridServices.Testing;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.Adapters.Service.Tests.Oscp;

/// <summary>Tokens that open nothing: a trace, and no flood.</summary>
public sealed class OscpUnauthorizedThrottleTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void They_are_told_once_a_minute_with_how_many_came_and_slowed_beyond_a_burst()
    {
        using var kept = new CapturingLogger();
        using var loggers = new LoggerFactory([kept]);
        var strangers = new OscpUnauthorizedThrottle("a", _time, loggers.CreateLogger("oscp"));
        var answered = Enumerable.Range(0, 100).Count(_ => strangers.Note(IPAddress.Loopback, "register\nforged line"));
        Assert.Equal(OscpUnauthorizedThrottle.Burst, answered);
        var line = Assert.Single(kept.Lines);
        Assert.Contains("register forged line (1 times", line, StringComparison.Ordinal);

        _time.Advance(Duration.FromSeconds(1));
        Assert.True(strangers.Note(IPAddress.Loopback, "heartbeat"));
        Assert.False(strangers.Note(IPAddress.Loopback, "heartbeat"));
        _time.Advance(Duration.FromMinutes(1));
        Assert.True(strangers.Note(IPAddress.Loopback, "heartbeat"));
        Assert.Contains("(102 times", kept.Lines[^1], StringComparison.Ordinal);
        Assert.Equal(2, kept.Lines.Count);
    }

    // At the door itself: a good token passes amid a flood of wrong ones.
    [Fact]
    public async Task A_flood_is_slowed_at_the_door_and_does_not_keep_a_good_token_out()
    {
        using var kept = new CapturingLogger();
        using var loggers = new LoggerFactory([kept]);
        var port = TestPorts.Next();
        var strangers = new OscpUnauthorizedThrottle("a", _time, loggers.CreateLogger("oscp"));
        await using var door = await OscpServer.OpenAsync(
            new IPEndPoint(IPAddress.Loopback, port), (_, token) => token == "good", strangers, _ => null, TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/2.0/") };
        for (var i = 0; i < OscpUnauthorizedThrottle.Burst; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await TellAsync("wrong")).Status);
        }

        Assert.Equal((HttpStatusCode.TooManyRequests, "1"), await TellAsync("wrong"));
        Assert.Equal((HttpStatusCode.NoContent, null), await TellAsync("good"));
        Assert.Contains("heartbeat", Assert.Single(kept.Lines), StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", kept.Lines[0], StringComparison.Ordinal);

        async Task<(HttpStatusCode Status, string? RetryAfter)> TellAsync(string token)
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, "heartbeat") { Content = new StringContent("{}") };
            message.Headers.TryAddWithoutValidation("Authorization", $"Token {token}");
            using var answer = await client.SendAsync(message, TestContext.Current.CancellationToken);
            return (answer.StatusCode, answer.Headers.RetryAfter?.ToString());
        }
    }
}
