using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Events;

/// <summary>The history of what the utility said, however many times and by however many ways it was heard.</summary>
internal static class RevisionList
{
    /// <param name="list">So far, by number.</param>
    /// <param name="reported">What was heard.</param>
    /// <param name="heardAt">When.</param>
    /// <param name="lastOfSites">The revision that the same sites were told last; a device that repeats it says nothing new.</param>
    public static ValueList<EventRevision> Add(ValueList<EventRevision> list, ReportedEvent reported, Instant heardAt, long? lastOfSites)
    {
        if (list.Count == 0)
        {
            return [CreateRevision(reported, reported.Number ?? 0, heardAt) with { Changes = [EventChange.Announced] }];
        }

        if (!reported.Speaks)
        {
            return list;
        }

        if (Find(list, reported, lastOfSites) is { } same)
        {
            return list.Select(r => ReferenceEquals(r, same) ? MergeReport(r, reported, heardAt) : r).ToValueList();
        }

        var number = reported.Number ?? list[^1].Number + 1;
        var before = list.Where(r => r.Number <= number).ToList();
        var said = CreateRevision(reported, number, heardAt);
        return [.. before, said with { Changes = Changes(before.LastOrDefault(r => !r.Cancelled), said) }, .. list.Where(r => r.Number > number)];
    }

    /// <summary>The revision that says what was told; the last one where the fact itself says nothing.</summary>
    public static long GetNumber(ValueList<EventRevision> list, ReportedEvent reported) => reported.Number ?? list.LastOrDefault(r => HasSameContent(r, reported))?.Number ?? list[^1].Number;

    public static ValueList<EventRevision> Cancelled(ValueList<EventRevision> list, Instant now) =>
        [.. list, list[^1] with { Cancelled = true, ToldAt = now, Messages = [], Changes = [EventChange.Cancelled] }];

    public static ValueList<EventRevision> Reinstated(ValueList<EventRevision> list, Instant now) =>
        list[^1].Cancelled
            ? [.. list, list[^1] with { Cancelled = false, ToldAt = now, Messages = [], Changes = [EventChange.Reinstated] }]
            : [.. list.Take(list.Count - 1), list[^1] with { Changes = [.. list[^1].Changes, EventChange.Reinstated] }];

    private static EventRevision? Find(ValueList<EventRevision> list, ReportedEvent reported, long? lastOfSites) =>
        list.LastOrDefault(r => !r.Cancelled && HasSameContent(r, reported) && (reported.Number is { } number ? r.Number == number : lastOfSites is null || r.Number == lastOfSites || r.Number == list[^1].Number));

    private static bool HasSameContent(EventRevision revision, ReportedEvent reported) =>
        revision.From == (reported.From ?? revision.From) && revision.Until == reported.Until && revision.Signals.Equals(reported.Signals);

    private static EventRevision MergeReport(EventRevision revision, ReportedEvent reported, Instant heardAt) => revision with
    {
        ToldAt = Instant.Min(revision.ToldAt, heardAt),
        Messages = reported.Sha256 is { } hash && !revision.Messages.Contains(hash) ? [.. revision.Messages.Append(hash).Order(StringComparer.Ordinal)] : revision.Messages,
    };

    private static EventRevision CreateRevision(ReportedEvent reported, long number, Instant heardAt) => new()
    {
        Number = number,
        ToldAt = heardAt,
        From = reported.From ?? heardAt,
        Until = reported.Until,
        Signals = reported.Signals,
        Messages = reported.Sha256 is { } hash ? [hash] : [],
    };

    private static ValueList<EventChange> Changes(EventRevision? before, EventRevision after)
    {
        if (before is null)
        {
            return [EventChange.Announced];
        }

        var shifted = after.From - before.From;
        return new (EventChange Change, bool IsIt)[]
        {
            (EventChange.StartMoved, shifted != Duration.Zero),
            (EventChange.EndMoved, before.Until != after.Until),
            (EventChange.SignalChanged, !Moved(before.Signals, shifted).Equals(after.Signals) && !before.Signals.Equals(after.Signals)),
        }.Where(c => c.IsIt).Select(c => c.Change).ToValueList();
    }

    /// <summary>Steps that only moved with the start are not another signal.</summary>
    private static ValueList<EventSignal> Moved(ValueList<EventSignal> signals, Duration by) =>
        signals.Select(s => s with { Steps = s.Steps.Select(v => v with { From = v.From + by, Until = v.Until + by }).ToValueList() }).ToValueList();
}
