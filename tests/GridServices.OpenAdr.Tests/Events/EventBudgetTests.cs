using System.Globalization;
using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.OpenAdr.Tests.Scripts;
using GridServices.Wire;

namespace GridServices.OpenAdr.Tests.Events;

/// <summary>What a VTN can make a VEN hold is bounded by size and cost, not by the number of events alone.</summary>
public sealed class EventBudgetTests
{
    [Fact]
    public void Intervals_are_counted_over_all_events_held_and_what_is_too_much_is_454()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Steps("a", 4000), Steps("b", 4000)), "a/0 200 OptIn, b/0 200 OptIn");
        ven.Gets(Vtn.Distributes(Steps("a", 4000), Steps("b", 4000), Steps("c", 193), Steps("d", 192)), "a/0 200 OptIn, b/0 200 OptIn, c/0 454 OptOut, d/0 200 OptIn");
        Assert.Contains(ven.Notes, n => n is { Class: ErrorClass.LimitCount, About: "c" });
        Assert.Equal(["a", "b", "d"], ven.State.Events.Select(e => e.Id));

        // A modification is weighed in the place of what it replaces, and where it is too much the last one holds.
        ven.Gets(Vtn.Distributes(Steps("a", 4001).Modified(1), Steps("b", 4000), Steps("d", 192)), "a/1 454 OptOut, b/0 200 OptIn, d/0 200 OptIn");
        ven.Gets(Vtn.Distributes(Steps("a", 3000).Modified(2), Steps("b", 4000), Steps("d", 192)), "a/2 200 OptIn, b/0 200 OptIn, d/0 200 OptIn");
        Assert.Equal(3000, ven.State.Events[0].Event.Signals[0].Intervals.Count);
    }

    [Fact]
    public void Events_that_limits_still_come_back_from_leave_room_for_what_takes_their_place_though_not_without_end()
    {
        var recovering = Configs.With(p => p with { Recovery = new RecoveryPolicy { Seconds = 3600, FullPowerW = 90_000 } });
        var ven = VenScript.Registered(recovering).Gets(Vtn.Distributes(Steps("a", 8000, "17:00")), "a/0 200 OptIn");
        ven.Gets(Vtn.Distributes(Steps("b", 8000, "17:00")), "b/0 200 OptIn").Gets(Vtn.Distributes(Steps("c", 8000, "17:00")), "c/0 200 OptIn");
        Assert.Equal(["a", "b"], ven.State.Recovering.Select(r => r.Event.Id));
        ven.Gets(Vtn.Distributes(Steps("d", 8000, "17:00")), "d/0 200 OptIn").Gets(Vtn.Distributes(Steps("e", 8000, "17:00")), "e/0 454 OptOut");
        ven.At("23:59").Takes(new VenInput.Tick()).Gets(Vtn.Distributes(Steps("b", 1000, "23:59:30")), "b/0 200 OptIn");
        Assert.Empty(ven.State.Recovering);
    }

    [Fact]
    public void What_a_distribution_replaces_makes_room_for_what_it_brings()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Steps("a", 5000)), "a/0 200 OptIn");
        ven.Gets(Vtn.Distributes(Steps("b", 5000)), "b/0 200 OptIn").Gets(Vtn.Distributes(Steps("c", 5000), Steps("b", 5000).Cancelled(1)), "c/0 200 OptIn, b/1 200 OptIn");
        Assert.Equal(["c"], ven.State.Events.Select(e => e.Id));
        ven.Gets(Vtn.Distributes(Steps("d", 5000), Steps("c", 5000)), "d/0 454 OptOut, c/0 200 OptIn");
    }

    [Fact]
    public void Where_nothing_is_cancelled_by_implication_the_unlisted_take_room()
    {
        var ven = VenScript.Registered(Configs.With(p => p) with { Quirks = new VenQuirks { NeverImplyCancel = true } }).Gets(Vtn.Distributes(Steps("a", 5000)), "a/0 200 OptIn");
        ven.Gets(Vtn.Distributes(Steps("b", 5000)), "b/0 454 OptOut");
        Assert.Equal(["a"], ven.State.Events.Select(e => e.Id));
    }

    [Fact]
    public void Five_hundred_and_twelve_events_may_be_replaced_by_as_many()
    {
        var ven = VenScript.Registered();
        foreach (var name in (string[])["a", "b"])
        {
            string[] ids = [.. Enumerable.Range(0, 512).Select(i => $"{name}{i}")];
            ven.Gets(Vtn.Distributes([.. ids.Select(id => Steps(id, 1))]), string.Join(", ", ids.Select(id => $"{id}/0 200 OptIn")));
        }

        Assert.Equal(512, ven.State.Events.Count(e => e.Id[0] == 'b'));
    }

    [Fact]
    public void An_emergency_and_what_is_no_larger_than_before_are_taken_however_much_is_held()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Steps("a", 8192)), "a/0 200 OptIn");
        ven.Gets(Vtn.Distributes(Steps("a", 8192), Steps("b", 32), Steps("c", 33)), "a/0 200 OptIn, b/0 200 OptIn, c/0 454 OptOut");

        // More than fits, as an earlier version may have stored it.
        ven.Gets(Vtn.Distributes(Steps("a", 8192).Modified(1), Steps("b", 32)), "a/1 200 OptIn, b/0 200 OptIn");
        ven.Gets(Vtn.Distributes(Steps("a", 8193).Modified(2), Steps("b", 32)), "a/2 454 OptOut, b/0 200 OptIn");
    }

    [Fact]
    public void Each_further_site_brings_room_for_a_day_of_five_minute_prices()
    {
        var thirty = Configs.Ven with { SiteId = null, Sites = [.. Enumerable.Range(0, 30).Select(i => new SiteConfig { SiteId = $"s{i}" })] };
        OadrEvent[] prices = [.. Enumerable.Range(0, 30).Select(i => Steps($"e{i}", 288))];
        var ven = VenScript.Registered(thirty).Gets(Vtn.Distributes(prices));
        Assert.Equal(30, ven.State.Events.Count);
    }

    [Fact]
    public void Texts_that_nobody_reads_are_cut_and_the_event_is_taken()
    {
        var long1 = new string('x', 65_000);
        var wordy = Vtn.Event("a", "20:00", "PT1H", Vtn.Signal(SignalNames.LoadDispatch, SignalType.Setpoint, ("PT1H", 5)).InKilowatts());
        wordy = wordy with
        {
            Descriptor = wordy.Descriptor with { VtnComment = long1, ModificationReason = long1 },
            Signals = wordy.Signals.Select(s => s with { ItemBase = s.ItemBase! with { Description = long1 } }).ToValueList(),
        };
        var ven = VenScript.Registered().Gets(Vtn.Distributes(wordy), "a/0 200 OptIn");
        Assert.InRange(VenStateJson.Write(ven.State).Length, 1, 10_000);

        // The same again is no change.
        ven.Gets(Vtn.Distributes(wordy), "a/0 200 OptIn").Publishes();
        Assert.DoesNotContain(ven.Notes, n => n.Class == ErrorClass.SeqConflict);
    }

    [Fact]
    public void Names_and_texts_are_bounded_in_all_and_a_ven_of_many_sites_may_have_more()
    {
        OadrEvent[] events = [.. Enumerable.Range(0, 20).Select(i => Vtn.Event($"e{i}", "20:00", "PT1H", Vtn.Simple(("PT1H", 1))).Targeting(new EiTarget { VenIds = [Vtn.VenId], ResourceIds = Names(100) }))];
        var one = VenScript.Registered().Gets(Vtn.Distributes(events));
        Assert.InRange(one.State.Events.Count, 9, 11);
        Assert.InRange(VenStateJson.Write(one.State).Length, 1, 2_000_000);

        var many = VenScript.Registered(Configs.Ven with { SiteId = null, Sites = [.. Enumerable.Range(0, 5000).Select(i => new SiteConfig { SiteId = $"s{i}" })] }).Gets(Vtn.Distributes(events));
        Assert.Equal(20, many.State.Events.Count);
    }

    [Fact]
    public void Answers_owed_to_a_vtn_that_takes_none_are_bounded_by_their_number_too()
    {
        var ven = VenScript.Registered();
        for (var round = 0; round < 4; round++)
        {
            // Refused, so that nothing but the answers is kept.
            var events = Enumerable.Range(0, 500).Select(i => Vtn.Event($"e{round}-{i}", "20:00", "PT1H", Vtn.Simple(("PT1H", 9)))).ToArray();
            ven.Gets(Vtn.Distributes(events));
            while (ven.Next() is VenNext.SendRequest { Message: OadrCreatedEvent })
            {
                ven.Fails(TransportFailure.HttpStatus, 503);
            }
        }

        var said = ven.State.Owed.OfType<PendingRequest.AnswerEvents>().SelectMany(a => a.Responses).Select(r => r.QualifiedEventId.EventId).ToList();
        Assert.InRange(said.Count, 500, 1024);
        Assert.Contains("e3-499", said);
        Assert.Contains(ven.Notes, n => n is { Kind: NoteKind.MessageGivenUp, Class: ErrorClass.LimitCount });
    }

    private static ValueList<string> Names(int count) => Enumerable.Range(0, count).Select(i => i.ToString(CultureInfo.InvariantCulture).PadLeft(1000, 'r')).ToValueList();

    private static OadrEvent Steps(string id, int count, string from = "20:00") =>
        Vtn.Event(id, from, Lasting(count), Vtn.Simple([.. Enumerable.Range(0, count).Select(i => ("PT1S", (double)(1 + (i % 2))))]));

    private static string Lasting(int seconds) => $"PT{seconds}S";
}
