using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Events;

/// <summary>The history of what the utility said, however many times and by however many ways it was heard.</summary>
internal static class RevisionList
{
    /// <param name="list">So far, by number.</param>
    /// <param name="told">What was heard.</param>
    /// <param name="heardAt">When.</param>
    /// <param name="lastOfSites">The revision that the same sites were told last; a device that repeats it says nothing new.</param>
    public static ValueList<EventRevision> Add(ValueList<EventRevision> list, ReportedEvent told, Instant heardAt, long? lastOfSites)
    {
        if (list.Count == 0)
        {
            return [Said(told, told.Number ?? 0, heardAt) with { Changes = [EventChange.Announced] }];
        }

        if (!told.Speaks)
        {
            return list;
        }

        if (Find(list, told, lastOfSites) is { } same)
        {
            return list.Select(r => ReferenceEquals(r, same) ? Heard(r, told, heardAt) : r).ToValueList();
        }

        var number = told.Number ?? list[^1].Number + 1;
        var before = list.Where(r => r.Number <= number).ToList();
        var said = Said(told, number, heardAt);
        return [.. before, said with { Changes = Changes(before.LastOrDefault(r => !r.Cancelled), said) }, .. list.Where(r => r.Number > number)];
    }

    /// <summary>The revision that says what was told; the last one where the fact itself says nothing.</summary>
    public static long GetNumber(ValueList<EventRevision> list, ReportedEvent told) => told.Number ?? list.LastOrDefault(r => SameContent(r, told))?.Number ?? list[^1].Number;

    public static ValueList<EventRevision> Cancelled(ValueList<EventRevision> list, Instant now) =>
        [.. list, list[^1] with { Cancelled = true, ToldAt = now, Messages = [], Changes = [EventChange.Cancelled] }];

    public static ValueList<EventRevision> Reinstated(ValueList<EventRevision> list, Instant now) =>
        list[^1].Cancelled
            ? [.. list, list[^1] with { Cancelled = false, ToldAt = now, Messages = [], Changes = [EventChange.Reinstated] }]
            : [.. list.Take(list.Count - 1), list[^1] with { Changes = [.. list[^1].Changes, EventChange.Reinstated] }];

    private static EventRevision? Find(ValueList<EventRevision> list, ReportedEvent told, long? lastOfSites) =>
        list.LastOrDefault(r => !r.Cancelled && SameContent(r, told) && (told.Number is { } number ? r.Number == number : lastOfSites is null || r.Number == lastOfSites || r.Number == list[^1].Number));

    private static bool SameContent(EventRevision revision, ReportedEvent told) =>
        revision.From == (told.From ?? revision.From) && revision.Until == told.Until && revision.Signals.Equals(told.Signals);

    private static EventRevision Heard(EventRevision revision, ReportedEvent told, Instant heardAt) => revision with
    {
        ToldAt = Instant.Min(revision.ToldAt, heardAt),
        Messages = told.Sha256 is { } hash && !revision.Messages.Contains(hash) ? [.. revision.Messages.Append(hash).Order(StringComparer.Ordinal)] : revision.Messages,
    };

    private static EventRevision Said(ReportedEvent told, long number, Instant heardAt) => new()
    {
        Number = number,
        ToldAt = heardAt,
        From = told.From ?? heardAt,
        Until = told.Until,
        Signals = told.Signals,
        Messages = told.Sha256 is { } hash ? [hash] : [],
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
