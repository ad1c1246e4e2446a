using FsCheck;
using FsCheck.Fluent;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Events;

public class RandomisationTests : EitherWay
{
    public RandomisationTests()
        : this(VenTransport.Pull)
    {
    }

    protected RandomisationTests(VenTransport transport)
        : base(transport)
    {
    }

    private static readonly OadrEvent Random = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1))).StartAfter("PT10M");

    [Fact]
    public void E1_0260_the_offset_lies_in_the_window_moves_start_and_end_and_is_stated_in_the_cause() =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), seed =>
        {
            var ven = Registered(seed: seed).Gets(Vtn.Distributes(Random), "e1/0 200 OptIn");
            var held = ven.State.Events[0];
            Assert.InRange(held.OffsetS, 0, 600);
            Assert.Equal(Vtn.Time("20:00") + Duration.FromSeconds(held.OffsetS), held.Start());
            Assert.Equal(held.Start() + Duration.FromHours(1), held.End());
            var segment = Assert.IsType<EnginePublication.PublishEnvelope>(ven.Publications[0]).Envelope.Segments[0];
            Assert.Equal((held.Start(), held.End()), (segment.From, segment.Until));
            Assert.Equal(held.OffsetS == 0 ? null : held.OffsetS, segment.Cause?.RandomizedByS);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Offsets_spread_over_the_whole_window_both_ends_included()
    {
        var offsets = Enumerable.Range(0, 500)
            .Select(i => Registered(seed: (ulong)i * 7).Gets(Vtn.Distributes(Random.StartAfter("PT4S"))).State.Events[0].OffsetS).ToList();
        Assert.Equal([0, 1, 2, 3, 4], offsets.Distinct().Order());
        Assert.All(offsets.CountBy(o => o), n => Assert.InRange(n.Value, 50, 150));
    }

    [Fact]
    public void E1_0262_the_offset_is_kept_over_redelivery_modification_and_restart_unless_startafter_changes() =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), seed =>
        {
            var ven = Registered(seed: seed).Gets(Vtn.Distributes(Random), "e1/0 200 OptIn");
            var drawn = ven.State.Events[0].OffsetS;
            ven.Gets(Vtn.Distributes(Random), "e1/0 200 OptIn").Publishes();
            ven.Gets(Vtn.Distributes(Vtn.Event("e1", "21:00", "PT2H", Vtn.Simple(("PT2H", 2))).StartAfter("PT10M").Modified(1)), "e1/1 200 OptIn");
            Assert.Equal(drawn, ven.State.Events[0].OffsetS);
            ven.Gets(Vtn.Distributes(Random.StartAfter("PT0S").Modified(2)), "e1/2 200 OptIn");
            Assert.Equal(0, ven.State.Events[0].OffsetS);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Opting_out_of_an_event_that_is_cancelled_already_ends_it_here_and_is_told_nobody()
    {
        // The end drawn may be at once; then there is nothing to opt out of.
        var ven = Enumerable.Range(1, 20).Select(seed => Registered(seed: (ulong)seed).Gets(Vtn.Distributes(Random), "e1/0 200 OptIn").At("20:20").Gets(Vtn.Distributes(Random.Cancelled(1)), "e1/1 200 OptIn"))
            .First(v => v.State.Events is [{ CancelledAt: { } end }] && end > v.Now);
        ven.Takes(new VenInput.OptChosen("e1", OptType.OptOut)).Publishes("site-1 PROG7: nothing");
        Assert.Empty(ven.State.Owed);
    }

    [Fact]
    public void E1_0267_and_0268_a_cancelled_active_event_with_startafter_ends_within_the_window_and_at_once_without() =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), ArbMap.Default.ArbFor<bool>(), (seed, isExplicit) =>
        {
            var ven = Registered(seed: seed).Gets(Vtn.Distributes(Random), "e1/0 200 OptIn").At("20:20");
            var cancellation = isExplicit ? Vtn.Distributes(Random.Cancelled(1)) : Vtn.Distributes();
            ven.Gets(cancellation, isExplicit ? "e1/1 200 OptIn" : null);
            var end = ven.State.Events.Count == 0 ? ven.Now : ven.State.Events[0].End()!.Value;
            Assert.InRange(end, ven.Now, Instant.Min(ven.Now + Duration.FromMinutes(10), Vtn.Time("21:10")));

            // Again cancelled, again listed as missing: the end drawn stays.
            ven.After(Duration.FromSeconds(1)).Gets(cancellation);
            if (ven.State.Events.Count > 0)
            {
                Assert.Equal(end, ven.State.Events[0].End());
            }

            ven.State = ven.State with { Owed = [] };
            ven.At("20:31").Takes(new VenInput.Tick()).Publishes();
            Assert.Empty(ven.State.Events);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_cancelled_event_that_has_not_begun_ends_at_once_even_with_startafter() =>
        Registered().Gets(Vtn.Distributes(Random), "e1/0 200 OptIn").Gets(Vtn.Distributes(Random.Cancelled(1)), "e1/1 200 OptIn")
            .Publishes("site-1 PROG7: nothing");
}

/// <summary>The same, pushed.</summary>
public sealed class PushedRandomisationTests() : RandomisationTests(VenTransport.Push);
