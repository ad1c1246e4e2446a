using GridServices.Ieee2030Dot5.Messages;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Controls that people override: when they are followed, and what is said of them.</summary>
/// <remarks>
/// <code>
///   control       ├────────────────────────────┤
///   opted out           ├──────┤                      4, then 5; at the end 9 with the seconds, or 10 beyond overrideDuration
///   limit         ├─────┤      ├───────────────┤
/// </code>
/// </remarks>
internal static class OptOuts
{
    /// <summary>The parts of a span in which it is followed.</summary>
    public static IEnumerable<Span> Without(HeldControl held, Span span)
    {
        var from = span.From;
        foreach (var o in held.OptOuts.OrderBy(o => o.From).Where(o => o.From < span.Until && !(o.Until <= span.From)))
        {
            if (from < o.From)
            {
                yield return new Span(from, o.From);
            }

            from = Instant.Max(from, o.Until ?? span.Until);
        }

        if (from < span.Until)
        {
            yield return new Span(from, span.Until);
        }
    }

    /// <summary>What people said, and what the control comes to by it, in order of time; what was over before this identity received it, the one before has told.</summary>
    public static IEnumerable<(Instant At, byte Status)> Turns(HeldControl held) => held.OptOuts.Where(o => held.FirstReceivedAt is null || !(o.Until <= held.ReceivedAt))
        .SelectMany(o => new (Instant? At, byte Status)[] { (held.FirstReceivedAt is null ? o.From : Instant.Max(o.From, held.ReceivedAt), ResponseStatus.OptOut), (o.Until, ResponseStatus.OptIn) })
        .Where(t => t.At is not null && t.At < held.Over()).Select(t => (t.At!.Value, t.Status));

    /// <summary>Seconds for which it was overridden while it would have acted.</summary>
    public static int Seconds(HeldControl held)
    {
        // A renewed certificate gives nobody the seconds back that were used up before.
        var whole = new Span(Instant.Max(held.Start, held.FirstReceivedAt ?? held.ReceivedAt), held.Over());
        var overridden = Without(held, whole).Aggregate(whole.Until - whole.From, (left, s) => left - (s.Until - s.From));
        return (int)Math.Clamp(Math.Ceiling(overridden.TotalSeconds), 0, ushort.MaxValue);
    }

    /// <summary>How a control that ran to its end is told: completed, in part, or without participation.</summary>
    public static byte Completion(HeldControl held)
    {
        var overridden = Seconds(held);
        return overridden == 0 ? ResponseStatus.Completed
            : overridden > (held.Content.Load?.OverrideS ?? 0) ? ResponseStatus.CompletedWithNoParticipation
            : held.OptOuts[^1].Until < held.Over() ? ResponseStatus.PartiallyCompletedWithOptIn
            : ResponseStatus.PartiallyCompletedWithOptOut;
    }

    /// <summary>True for what is said with the seconds overridden.</summary>
    public static bool HasSeconds(int status) => status is ResponseStatus.PartiallyCompletedWithOptOut or ResponseStatus.PartiallyCompletedWithOptIn or ResponseStatus.CompletedWithNoParticipation;
}
