using FsCheck;
using FsCheck.Fluent;
using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Envelopes;

/// <summary>Laws of the schedule under random histories of messages.</summary>
public sealed class ScheduleLawTests
{
    private static readonly long[] LimitOfLevel = [long.MaxValue, 60_000, 30_000, 0];

    /// <summary>One thing the VTN does: an event with this id, start, steps, priority, window; or its cancellation; or silence about it.</summary>
    private static readonly Gen<Deed[]> Histories = Deeds().ArrayOf(12);

    [Fact]
    public void Never_looser_than_any_active_event_of_the_same_priority_and_equal_to_the_rule_at_every_instant() =>
        Check(ven =>
        {
            var shown = Shown(ven);
            foreach (var at in Instants(ven))
            {
                var active = ven.State.Events.Where(e => e.Opt == OptType.OptIn && e.Start() <= at && !(e.End() <= at)).ToList();
                var top = active.Count == 0 ? 0 : active.Min(Rank);
                var expected = active.Where(e => Rank(e) == top).Select(e => LevelLimit(e, at)).Append(long.MaxValue).Min();
                Assert.Equal(expected, LimitAt(shown, at));
            }
        });

    [Fact]
    public void Revisions_only_rise_and_what_the_hub_holds_is_what_the_state_says()
    {
        long last = 0;
        VenScript? seen = null;
        Check(ven =>
        {
            if (!ReferenceEquals(seen, ven))
            {
                (seen, last) = (ven, 0);
            }

            foreach (var envelope in ven.Publications.OfType<EnginePublication.PublishEnvelope>())
            {
                Assert.True(envelope.Envelope.Revision > last);
                last = envelope.Envelope.Revision;
            }

            Assert.True(ven.State.Revisions["PROG7"] >= last);
        });
    }

    [Fact]
    public void The_same_payload_again_never_publishes() =>
        Check((ven, payload) =>
        {
            ven.State = ven.State with { Owed = [] };
            ven.Gets(payload);
            Assert.Empty(ven.Publications);
        });

    [Fact]
    public void An_event_that_is_not_listed_is_gone_or_running_out() =>
        Check((ven, payload) =>
        {
            var listed = payload.Events.Select(e => e.Value!.Descriptor.EventId).ToHashSet(StringComparer.Ordinal);
            Assert.All(ven.State.Events.Where(e => !listed.Contains(e.Id)), e => Assert.NotNull(e.CancelledAt));
        });

    [Fact]
    public void With_recovery_limits_are_never_looser_than_without_and_differ_only_after_an_event()
    {
        var recovery = new RecoveryPolicy { Seconds = 1_500, RandomSeconds = 900, Steps = 7, FullPowerW = 80_000 };
        var differed = 0;
        Prop.ForAll(Histories.ToArbitrary(), ArbMap.Default.ArbFor<ulong>(), (deeds, seed) =>
        {
            var (plain, ven) = (VenScript.Registered(seed: seed), VenScript.Registered(Configs.With(p => p with { Recovery = recovery }), seed: seed));
            foreach (var _ in Play(plain, deeds).Zip(Play(ven, deeds)))
            {
                foreach (var at in Instants(ven))
                {
                    var (with, without) = (LimitAt(Shown(ven), at), LimitAt(Shown(plain), at));
                    Assert.True(with <= without, $"at {at}: {with} W with recovery, {without} W without");
                    if (with < without)
                    {
                        differed++;
                        Assert.Contains(ven.State.Events.Concat(ven.State.Recovering.Select(r => r.Event)), e => e.End() is { } end && end <= at && at < end + Duration.FromSeconds(2_400));
                    }
                }
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
        Assert.True(differed > 100, $"recovery made a difference {differed} times only");
    }

    private static void Check(Action<VenScript> law) => Check((ven, _) => law(ven));

    // Every step runs through the script, which replays it from stored JSON as well.
    private static void Check(Action<VenScript, OadrDistributeEvent> law) =>
        Prop.ForAll(Histories.ToArbitrary(), ArbMap.Default.ArbFor<ulong>(), (deeds, seed) =>
        {
            var ven = VenScript.Registered(seed: seed);
            foreach (var payload in Play(ven, deeds))
            {
                law(ven, payload);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    private static IEnumerable<OadrDistributeEvent> Play(VenScript ven, IEnumerable<Deed> deeds)
    {
        var listed = new SortedDictionary<string, OadrEvent>(StringComparer.Ordinal);
        foreach (var deed in deeds)
        {
            ven.After(Duration.FromMinutes(deed.WaitMinutes));
            Do(listed, deed);
            var payload = Vtn.Distributes([.. listed.Values]);
            ven.State = ven.State with { Owed = [] };
            ven.Gets(payload);
            yield return payload;
        }
    }

    private static Envelope? Shown(VenScript ven) => ven.Hub.GetValueOrDefault(("site-1", "PROG7"));

    private static long LimitAt(Envelope? envelope, Instant at) =>
        envelope?.Segments.FirstOrDefault(s => s.From <= at && !(s.Until <= at))?.Limits.ImportLimitW ?? long.MaxValue;

    private static IEnumerable<Instant> Instants(VenScript ven) => Enumerable.Range(0, 60).Select(i => ven.Now + Duration.FromMinutes(i * 7));

    private static uint Rank(HeldEvent held) => held.Event.Descriptor.Priority is { } p and > 0 ? p : uint.MaxValue;

    private static long LevelLimit(HeldEvent held, Instant at)
    {
        var from = held.Start();
        foreach (var interval in held.Event.Signals[0].Intervals)
        {
            var until = from + interval.Duration!.ToDuration();
            if (at >= from && (at < until || interval.Duration.ToDuration() == Duration.Zero))
            {
                return LimitOfLevel[(int)interval.Value];
            }

            from = until;
        }

        throw new InvalidOperationException("an active event has a step at every instant");
    }

    private static void Do(SortedDictionary<string, OadrEvent> listed, Deed deed)
    {
        var id = $"e{deed.Event}";
        switch (deed.What)
        {
            case 0 when listed.TryGetValue(id, out var held):
                listed[id] = held.Cancelled(held.Descriptor.ModificationNumber + 1);
                break;
            case 1:
                listed.Remove(id);
                break;
            default:
                var number = listed.TryGetValue(id, out var before) ? before.Descriptor.ModificationNumber + 1 : 0;
                var steps = deed.Levels.Select(l => ("PT20M", (double)l)).ToArray();
                var start = (Vtn.Time("18:00") + Duration.FromMinutes(deed.StartMinutes)).ToString("uuuu-MM-dd'T'HH:mm:ss'Z'", null);
                listed[id] = Vtn.Event(id, start, $"PT{20 * steps.Length}M", Vtn.Simple(steps)).Priority(deed.Priority).StartAfter($"PT{deed.WindowMinutes}M").Modified(number);
                break;
        }
    }

    private static Gen<Deed> Deeds() =>
        from what in Gen.Choose(0, 5)
        from e in Gen.Choose(1, 4)
        from start in Gen.Choose(0, 240)
        from levels in Gen.Choose(0, 3).NonEmptyListOf()
        from priority in Gen.Choose(0, 3)
        from window in Gen.Elements(0, 0, 10)
        from wait in Gen.Choose(0, 40)
        select new Deed(what, e, start, [.. levels.Take(4)], (uint)priority, window, wait);

    private sealed record Deed(int What, int Event, int StartMinutes, IReadOnlyList<int> Levels, uint Priority, int WindowMinutes, int WaitMinutes)
    {
        public override string ToString() =>
            $"+{WaitMinutes} min: deed {What} on e{Event}, at 18:00+{StartMinutes}, levels {string.Join('/', Levels)}, priority {Priority}, window {WindowMinutes}";
    }
}
