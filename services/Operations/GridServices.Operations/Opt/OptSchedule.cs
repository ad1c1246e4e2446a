using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Opt;

/// <summary>Where an opt schedule stands.</summary>
public enum OptScheduleState
{
    /// <summary>The OpenAdr service does not hold it yet; <see cref="OptSchedule.Problem"/> says why.</summary>
    Unsent,

    /// <summary>The service holds it, the utility's VTN has not taken it yet.</summary>
    Waiting,

    /// <summary>The VTN took it.</summary>
    Held,

    /// <summary>The VTN, or the service, does not want it: the VTN hears of its plans event by event.</summary>
    Refused,
}

/// <summary>An opt schedule of ours. It is kept before it is sent and until the service has forgotten it, so that a crash in between neither doubles nor loses one.</summary>
public sealed record OptSchedule
{
    /// <summary>ULID; also the Idempotency-Key under which it is sent.</summary>
    public required string Id { get; init; }

    public required OptScheduleTarget Target { get; init; }
    public required OptDirection Direction { get; init; }
    public required OptReason Reason { get; init; }
    public required ValueList<OptSpan> Spans { get; init; }
    public required ValueList<OptPlanRef> Plans { get; init; }
    public required string By { get; init; }
    public string? Text { get; init; }
    public required Instant MadeAt { get; init; }

    /// <summary>The service's name of it; null = it has not answered yet.</summary>
    public string? OptId { get; init; }

    public OptScheduleState State { get; init; }

    /// <summary>Since when it stands so.</summary>
    public required Instant StateSince { get; init; }

    /// <summary>Why it stands so, in the words of the VTN or the service.</summary>
    public string? Problem { get; init; }

    /// <summary>What the service refused is not sent again before this.</summary>
    public Instant? NextTryAt { get; init; }

    /// <summary>Since when it is no longer wanted; null = it is.</summary>
    public Instant? EndedAt { get; init; }

    /// <summary>The text by which it is known again at the service, where the answer to its sending was lost.</summary>
    public string Mark => $"opt schedule {Id}";

    /// <summary>Whether the event lies wholly in it; the start of one span may be the end of another.</summary>
    public bool Covers(Instant from, Instant? until)
    {
        var at = from;
        foreach (var span in Spans.OrderBy(s => s.From).Where(s => s.Until > from))
        {
            if (span.From > at)
            {
                return false;
            }

            at = span.Until;
            if (until is { } end && at >= end)
            {
                return true;
            }
        }

        return false;
    }

    internal static OptSchedule From(WantedOptSchedule wanted, string id, Instant now) => new()
    {
        Id = id,
        Target = wanted.Target,
        Direction = wanted.Direction,
        Reason = wanted.Reason,
        Spans = wanted.Spans,
        Plans = wanted.Plans,
        By = wanted.By,
        Text = wanted.Text,
        MadeAt = now,
        StateSince = now,
    };

    internal bool IsFor(WantedOptSchedule wanted) => wanted.Target.EnrollmentId == Target.EnrollmentId && wanted.Direction == Direction;

    /// <summary>Whether it says what is wanted from now on; spans that are over make no other schedule of it.</summary>
    internal bool Matches(WantedOptSchedule wanted, Instant now) =>
        wanted.Target.Slot == Target.Slot && wanted.Reason == Reason && Ahead(wanted.Spans, now).SequenceEqual(Ahead(Spans, now));

    private static IEnumerable<OptSpan> Ahead(IEnumerable<OptSpan> spans, Instant now) => spans.Where(s => s.Until > now).Select(s => s with { From = Instant.Max(s.From, now) });
}
