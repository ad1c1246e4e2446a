using GridServices.FrequencyResponse.Outages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Registry;

/// <summary>An outage or de-rating of a contract, as it is kept.</summary>
internal sealed record Outage
{
    public required string Id { get; init; }

    /// <summary>Inclusive.</summary>
    public required Instant From { get; init; }

    /// <summary>Exclusive.</summary>
    public required Instant Until { get; init; }

    /// <summary>What is left of the quantity, W; 0 = an outage.</summary>
    public required long AvailableW { get; init; }
    public required string Reason { get; init; }

    /// <summary>When it was stated as it stands.</summary>
    public required Instant StatedAt { get; init; }

    /// <summary>Set where it was cancelled before it began.</summary>
    public Instant? CancelledAt { get; init; }

    /// <summary>Each part with when it was declared first.</summary>
    public required ValueList<OutageStretch> Stretches { get; init; }

    /// <summary>Whether it says the same, whenever it was said.</summary>
    public bool Matches(Outage other) => CancelledAt is null && other.CancelledAt is null && (From, Until, AvailableW, Reason) == (other.From, other.Until, other.AvailableW, other.Reason);

    /// <summary>As it stands when nothing more is declared from now on.</summary>
    public Outage EndedAt(Instant now) => now <= From
        ? this with { CancelledAt = now, StatedAt = now, Stretches = [] }
        : this with { Until = now, StatedAt = now, Stretches = Before(now) };

    /// <summary>Stated anew: what has been stays as it was declared then.</summary>
    public static Outage State(string id, Outage? held, Interval span, long availableW, string reason, Instant now)
    {
        var before = held?.CancelledAt is null ? held : null;
        var ahead = Instant.Max(span.Start, Instant.Min(now, span.End));
        var been = before is not null && span.Start < now ? before.Before(now) : [];
        return new Outage
        {
            Id = id,
            From = span.Start,
            Until = span.End,
            AvailableW = availableW,
            Reason = reason,
            StatedAt = now,
            Stretches = ahead < span.End
                ? [.. been, .. DeclaredOutages.Restate(before?.Stretches ?? [], new Interval(been.Count > 0 ? ahead : span.Start, span.End), availableW, now)]
                : been,
        };
    }

    private ValueList<OutageStretch> Before(Instant now) =>
        Stretches.Where(s => s.From < now).Select(s => s with { Until = Instant.Min(s.Until, now) }).ToValueList();
}
