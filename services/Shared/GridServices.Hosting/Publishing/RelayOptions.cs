using GridServices.Contracts;
using NodaTime;

namespace GridServices.Hosting.Publishing;

/// <summary>The relay's measures; the defaults suit a hub on the same machine and one across a continent.</summary>
internal sealed record RelayOptions
{
    internal int MaxItems { get; init; } = 1_000;

    internal int MaxBytes { get; init; } = 4 * 1024 * 1024;

    internal TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    internal TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(100);

    internal TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Between half of and the whole of a doubling pause.</summary>
    internal Backoff Backoff => new(Duration.FromTimeSpan(FirstPause) * 0.75, Duration.FromTimeSpan(LongestPause) * 0.75, 1.0 / 3);

    /// <summary>How often the table is looked at although nobody woke us: rows of a process that died between commit and wake.</summary>
    internal TimeSpan LookAgain { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a process that waits for the turn to send counts what waits.</summary>
    internal TimeSpan CountWaiting => LookAgain * 10;

    /// <summary>How often the hub is told who publishes, and asked for its epoch.</summary>
    internal TimeSpan HelloInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// What a hello may take: a line to a hub that was replaced says nothing, and the new one waits only some seconds (its SettleTime) for publishers that it
    /// does not know. This and the pause after it are shorter.
    /// </summary>
    internal TimeSpan HelloTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The same after so many in a row that got no answer: a hub that is merely slow is waited for longer and longer, at most <see cref="Timeout"/>.</summary>
    internal TimeSpan HelloTimeoutAfter(int unanswered)
    {
        var longer = HelloTimeout * Math.Pow(2, Math.Min(unanswered, 10));
        return longer < Timeout ? longer : Timeout;
    }

    /// <summary>The pause after a hello that got no answer.</summary>
    internal TimeSpan UnansweredPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// What a service gets after its start to hear its utility, before it looks whether its own store was put back, and before an empty store is called
    /// "everything is said".
    /// </summary>
    internal TimeSpan SettleTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>What a running request gets when the service stops.</summary>
    internal TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(3);
}
