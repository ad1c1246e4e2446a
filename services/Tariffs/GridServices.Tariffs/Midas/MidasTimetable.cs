using System.Collections.Immutable;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Tariffs.Midas;

/// <summary>When signals are fetched, and what follows from an answer.</summary>
public sealed record MidasTimetable
{
    private static readonly Duration FirstPause = Duration.FromSeconds(30);
    private static readonly Duration LongestPause = Duration.FromHours(1);

    /// <summary>How far ahead values are taken: MIDAS answers 72 hours from midnight in California. What is later, next season's prices among it, comes when its time is near.</summary>
    public static Duration Ahead { get; } = Duration.FromHours(96);

    /// <summary>How far back values are taken: what is older was billed by what was known then.</summary>
    public static Duration Back { get; } = Duration.FromHours(48);

    /// <summary>Pause after an answer.</summary>
    public Duration Every { get; init; } = Duration.FromMinutes(15);

    /// <summary>Also where the last try is in the future: the clock was ahead then.</summary>
    public static bool IsDue(MidasStatus? held, Instant now) => held is null || held.NextTryAt <= now || held.TriedAt > now;

    /// <summary>What follows for the signal from a reply.</summary>
    public MidasStatus Following(MidasSignal signal, MidasReply reply, MidasStatus? before, Instant now)
    {
        var tries = before is { State: MidasState.Failed or MidasState.Refused } ? before.Tries + 1 : 1;
        var status = new MidasStatus { Signal = signal, State = MidasState.Known, Tries = tries, TriedAt = now, NextTryAt = now + Every, KnownUntil = before?.KnownUntil > now ? before.KnownUntil : null };
        return reply switch
        {
            MidasReply.Values values => After(status with { Warnings = values.Warnings }, values, now),
            MidasReply.Refused refused => status with { State = MidasState.Refused, NextTryAt = now + LongestPause, Problem = refused.Reason },
            MidasReply.Failed failed => status with { State = MidasState.Failed, NextTryAt = now + Pause(tries, failed.RetryAfter), Problem = failed.Reason },
            _ => throw new ArgumentOutOfRangeException(nameof(reply), reply, "an unknown kind of reply"),
        };
    }

    private static MidasStatus After(MidasStatus status, MidasReply.Values values, Instant now)
    {
        var (at, name) = (now, (string?)null);
        foreach (var value in values.Known)
        {
            name = value.From <= now && value.Until > now ? value.Name : name;
            at = value.From <= at && value.Until > at ? value.Until : at;
        }

        return at > now
            ? status with { KnownUntil = at, ValueName = name }
            : status with
            {
                State = MidasState.Gap,
                KnownUntil = null,
                Problem = values.Known.FirstOrDefault(v => v.From > now) is { } next ? $"MIDAS has no value for now; the next one holds from {next.From}" : "MIDAS has no value for now or later",
            };
    }

    private static Duration Pause(int tries, Duration? asked)
    {
        var pause = new Backoff(FirstPause, LongestPause, Spread: 0).After(tries);
        return asked > pause ? Duration.Min(asked.Value, Duration.FromHours(6)) : pause;
    }
}

/// <summary>How fetching of a signal goes.</summary>
public sealed record MidasStatus
{
    public required MidasSignal Signal { get; init; }

    public required MidasState State { get; init; }

    /// <summary>Tries since it last went well.</summary>
    public required int Tries { get; init; }

    public required Instant TriedAt { get; init; }

    public required Instant NextTryAt { get; init; }

    /// <summary>From now on without a gap; absent = now is not known.</summary>
    public Instant? KnownUntil { get; init; }

    /// <summary>What MIDAS calls the value of now, e.g. <c>winter off peak</c>.</summary>
    public string? ValueName { get; init; }

    public string? Problem { get; init; }

    /// <summary>What of the last answer was left out, and why: seasons, values in other units.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];
}

/// <summary>How fetching of a signal went.</summary>
public enum MidasState
{
    /// <summary>The value of now is known.</summary>
    Known,

    /// <summary>MIDAS answers, but has no value for now: there is no price, and none is made up from another time.</summary>
    Gap,

    /// <summary>It is tried again.</summary>
    Failed,

    /// <summary>Somebody must change a setting.</summary>
    Refused,
}
