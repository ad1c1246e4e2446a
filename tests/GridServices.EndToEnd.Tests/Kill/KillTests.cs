using GridServices.Contracts;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests.Kill;

/// <summary>kill -9 at every step between the VTN's message and the hub's log: nothing is lost, nothing shows twice.</summary>
public sealed class KillTests
{
    private const int RandomKills = 12;
    private const int HubKills = 4;

    /// <summary>Every step, and how often it comes by before a new event has gone all the way.</summary>
    private static readonly (string Step, int Hits)[] Steps =
    [
        ("after-receive", 3), ("after-apply", 4), ("before-commit", 2), ("after-commit", 2), ("before-ack-send", 1), ("after-ack", 1),
        ("outbox.mid-add", 1), ("outbox.before-post", 1), ("outbox.after-post", 1), ("outbox.after-settle", 1),
    ];

    [Fact]
    public async Task Events_are_applied_once_and_answered_whatever_instant_the_service_dies_at()
    {
        await using var rig = new KillRig();
        await rig.StartAsync();
        var (kills, events) = (0, 0);
        for (var round = 1; round <= HubKills; round++)
        {
            foreach (var (step, _) in Steps.Where(s => round <= s.Hits))
            {
                await rig.StartVenAsync($"{step}:{round}");
                await rig.IssueAsync(events++);
                Assert.True(await rig.Ven!.DiesAsync(), $"{step} was not reached: {rig.Ven.LastWords}");
                kills++;
            }

            await rig.KillHubAsync();
            await rig.StartHubAsync();
            kills++;
        }

        for (var i = 0; i < RandomKills; i++)
        {
            await rig.StartVenAsync(null);
            await rig.IssueAsync(events++);
            await rig.VenReadyAsync();

            // Spread evenly over the half second in which an event is received, answered and published.
            await Task.Delay(TimeSpan.FromMilliseconds(500.0 * i / RandomKills), TestContext.Current.CancellationToken);
            await rig.Ven!.KillAsync();
            kills++;
        }

        Assert.True(kills >= 30, $"only {kills} kills");
        await rig.StartVenAsync(null);
        await rig.VenReadyAsync();
        await SettledAsync(rig, events);
        await JudgeAsync(rig, events);
    }

    private static Task<(int Answered, int Pending, int? Segments)> SettledAsync(KillRig rig, int events) => Until.HoldsAsync(
        async () =>
        {
            var answered = (await rig.AnswersAsync()).Select(a => a!["eventId"]!.GetValue<string>()).Distinct(StringComparer.Ordinal).Count();
            var pending = (await rig.OutboxAsync())["pending"]!.GetValue<int>();
            return (Answered: answered, Pending: pending, Segments: rig.History.Envelopes.LastOrDefault().Envelope?.Segments.Count);
        },
        now => now == (events, 0, events),
        () => Task.FromResult(rig.Ven!.LastWords));

    private static async Task JudgeAsync(KillRig rig, int events)
    {
        var names = Enumerable.Range(0, events).Select(i => $"e{i}").Order(StringComparer.Ordinal).ToList();
        Assert.Equal(names, (await rig.EventsAsync()).Select(e => e!["eventId"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.All(await rig.AnswersAsync(), a => Assert.Equal("optIn", (a!["optType"] ?? a["opt"])!.GetValue<string>()));
        Assert.Equal(0, (await rig.OutboxAsync())["parked"]!.GetValue<int>());
        Assert.Empty(rig.History.Withdrawn);

        var history = rig.History.Envelopes.Select(e => e.Envelope).ToList();

        // Events that came while the service was down may be published together, never more often than they changed.
        Assert.InRange(history.Count, 1, 3 * events);
        Assert.Equal(names, history[^1].Segments.Select(s => s.Cause!.EventId!).Order(StringComparer.Ordinal));
        var drawn = new Dictionary<string, NodaTime.Instant>(StringComparer.Ordinal);
        foreach (var (before, after) in history.Zip(history.Skip(1)))
        {
            Assert.True(after.Revision > before.Revision, $"revision {after.Revision} came after {before.Revision}");
            Assert.NotEqual(Content(before), Content(after));
            Assert.Subset(after.Segments.Select(s => s.Cause!.EventId).ToHashSet(), before.Segments.Select(s => s.Cause!.EventId).ToHashSet());
        }

        // What was drawn for an event and shown once is never drawn again.
        foreach (var segment in history.SelectMany(e => e.Segments))
        {
            Assert.Equal(drawn.TryGetValue(segment.Cause!.EventId!, out var start) ? start : segment.From, segment.From);
            drawn[segment.Cause.EventId!] = segment.From;
        }
    }

    private static string Content(Envelope envelope) => string.Join(';', envelope.Segments.Select(s => $"{s.Cause!.EventId} {s.From} {s.Until} {s.Limits.ImportLimitW}"));
}
