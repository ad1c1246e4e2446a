using FsCheck;
using FsCheck.Fluent;
using GridServices.Operations.Events;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Tests.Events;

public sealed class EventMergerProperties
{
    private static readonly Instant Told = Instant.FromUtc(2027, 7, 1, 8, 0);
    private static readonly Arbitrary<(byte, byte, byte)[]> Drawn = ArbMap.Default.ArbFor<(byte, byte, byte)[]>();

    [Fact]
    public void Whichever_VEN_is_asked_first_the_events_are_the_same() => Prop.ForAll(Drawn, drawn =>
    {
        SourceSnapshot[] snapshots = [.. Enumerable.Range(0, 3).Select(v => Ven(v, drawn))];
        var forth = Apply(snapshots);
        var back = Apply(snapshots.Reverse());
        return forth.SequenceEqual(back);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_snapshot_applied_again_changes_nothing() => Prop.ForAll(Drawn, drawn =>
    {
        SourceSnapshot[] snapshots = [.. Enumerable.Range(0, 3).Select(v => Ven(v, drawn))];
        var events = Apply(snapshots);
        return snapshots.All(s => EventMerger.Apply("t1", events, s, [], Told + Duration.FromMinutes(5)).Count == 0);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Revisions_are_in_the_order_of_their_numbers_and_the_first_announces() => Prop.ForAll(Drawn, drawn =>
    {
        var events = new List<Event>();
        foreach (var (step, i) in drawn.Select((d, i) => (d, i)))
        {
            var changed = EventMerger.Apply("t1", events, Ven(step.Item1 % 3, [step]), [], Told + Duration.FromMinutes(i));
            events = [.. events.Where(e => changed.All(c => c.Source != e.Source)), .. changed];
        }

        return events.All(e => e.Revisions.Count > 0 && e.Revisions[0].Changes.Contains(EventChange.Announced)
            && e.Revisions.Zip(e.Revisions.Skip(1)).All(p => p.First.Number <= p.Second.Number)
            && e.From == e.Current.From && e.Sites.Select(s => s.SiteId).Distinct().Count() == e.Sites.Count);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Another_tenant_s_events_are_never_touched() => Prop.ForAll(Drawn, drawn =>
    {
        var others = Apply([Ven(0, drawn)]).Select(e => e with { Tenant = "t2" }).ToList();
        return EventMerger.Apply("t1", others, Ven(0, []), [], Told).Count == 0 && EventMerger.Apply("t1", others, Ven(1, drawn), [], Told).All(e => e.Tenant == "t1");
    }).QuickCheckThrowOnFailure();

    private static List<Event> Apply(IEnumerable<SourceSnapshot> snapshots)
    {
        var events = new List<Event>();
        foreach (var snapshot in snapshots)
        {
            var changed = EventMerger.Apply("t1", events, snapshot, [], Told);
            events = [.. events.Where(e => changed.All(c => c.Source != e.Source)), .. changed];
        }

        return [.. events.OrderBy(e => e.Source, StringComparer.Ordinal)];
    }

    /// <summary>What a VTN says of up to four events is the same at every VEN; each draws its own offset and hears at its own time.</summary>
    private static SourceSnapshot Ven(int number, (byte Event, byte Modification, byte Shape)[] drawn) => SourceSnapshot.FromVen($"ven-{number}", "pge", drawn.DistinctBy(d => d.Event % 4).Select(d =>
    {
        var offset = Duration.FromSeconds(number * 40);
        var start = Told + Duration.FromHours(2 + d.Shape % 5);
        return new VenEventFact
        {
            VenKey = $"ven-{number}",
            Utility = "pge",
            Sites = [$"site-{number}"],
            EventId = $"e{d.Event % 4}",
            ModificationNumber = d.Modification % 3,
            Status = VenEventStatus.Far,
            Start = start + offset,
            End = start + offset + Duration.FromHours(1 + d.Modification % 3),
            RandomizedByS = number * 40,
            OptedIn = d.Shape % 2 == 0,
            ReceivedAt = Told + Duration.FromSeconds(number),
            Sha256 = $"hash-{number}",
            Signals = [new EventSignal("SIMPLE", [new SignalValue(d.Modification % 3, start + offset)])],
        };
    }));
}
