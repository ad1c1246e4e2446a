using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Envelopes;

public sealed class StreamTests
{
    [Fact]
    public void A_higher_priority_replaces_a_lower_one_over_its_span_even_where_it_is_looser()
    {
        var a = Vtn.Event("a", "20:00", "PT2H", Vtn.Simple(("PT2H", 2))).Priority(2);
        var b = Vtn.Event("b", "20:30", "PT30M", Vtn.Simple(("PT30M", 1))).Priority(1);
        VenScript.Registered().Gets(Vtn.Distributes(a, b), "a/0 200 OptIn, b/0 200 OptIn")
            .Publishes("site-1 PROG7: 20:00-20:30 import 30000, 20:30-21:00 import 60000, 21:00-22:00 import 30000");
    }

    [Fact]
    public void Priority_zero_and_none_are_the_lowest()
    {
        foreach (uint? lowest in new uint?[] { 0, null })
        {
            VenScript.Registered()
                .Gets(Vtn.Distributes(Vtn.Event("a", "20:00", "PT1H", Vtn.Simple(("PT1H", 3))).Priority(lowest), Vtn.Event("b", "20:00", "PT1H", Vtn.Simple(("PT1H", 1))).Priority(99)))
                .Publishes("site-1 PROG7: 20:00-21:00 import 60000");
        }
    }

    [Fact]
    public void Among_equal_priorities_the_most_restrictive_holds_and_the_segment_names_it()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("a", "20:00", "PT1H", Vtn.Simple(("PT1H", 1))), Vtn.Event("b", "20:15", "PT15M", Vtn.Simple(("PT15M", 2)))))
            .Publishes("site-1 PROG7: 20:00-20:15 import 60000, 20:15-20:30 import 30000, 20:30-21:00 import 60000");
        Assert.Equal(["a", "b", "a"], Assert.IsType<EnginePublication.PublishEnvelope>(ven.Publications[0]).Envelope.Segments.Select(s => s.Cause!.EventId));
    }

    [Fact]
    public void An_event_that_begins_when_another_ends_does_not_overlap_it() =>
        VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("a", "20:00", "PT1H", Vtn.Simple(("PT1H", 3))), Vtn.Event("b", "21:00", "PT1H", Vtn.Simple(("PT1H", 1)))))
            .Publishes("site-1 PROG7: 20:00-21:00 import 0, 21:00-22:00 import 60000");

    [Fact]
    public void A_price_of_higher_priority_takes_no_limit_away() =>
        VenScript.Registered().Gets(Vtn.Distributes(
                Vtn.Event("a", "20:00", "PT1H", Vtn.Simple(("PT1H", 2))).Priority(2),
                Vtn.Event("b", "20:00", "PT1H", Vtn.Signal("ELECTRICITY_PRICE", SignalType.Price, ("PT1H", 0.5))).Priority(1)))
            .Publishes("site-1 PROG7: 20:00-21:00 import 30000", "site-1 PROG7: 20:00-21:00 0.5 USD/kWh");

    [Fact]
    public void What_an_event_does_not_speak_of_keeps_the_programs_default()
    {
        var config = Configs.With(p => p with { Default = new Limits { ImportLimitW = 90_000, ExportLimitW = 5_000 } });
        var ven = VenScript.Registered(config).Gets(Vtn.Distributes(Vtn.Event("a", "20:00", "PT1H", Vtn.Simple(("PT1H", 2)))))
            .Publishes("site-1 PROG7: 20:00-21:00 import 30000 export 5000");
        Assert.Equal(90_000, Assert.IsType<EnginePublication.PublishEnvelope>(ven.Publications[0]).Envelope.Default?.Limits.ImportLimitW);
    }

    [Fact]
    public void The_envelope_names_its_source_its_cause_and_its_failsafe()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("a", "20:00", "PT1H", Vtn.Simple(("PT1H", 2))).Modified(3)));
        var envelope = Assert.IsType<EnginePublication.PublishEnvelope>(ven.Publications[0]).Envelope;
        Assert.Equal(new Provenance { Protocol = "OpenADR 2.0b", Authority = Vtn.Id, Program = Configs.MarketContext }, envelope.Provenance);
        Assert.Equal(new Cause { EventId = "a", Modification = 3, Priority = 1, ReceivedAt = ven.Now, Sha256 = new string('a', 64) }, envelope.Segments[0].Cause);
        Assert.Equal(Duration.FromMinutes(2), envelope.Failsafe?.StaleAfter);
        Assert.Equal(("site-1", new StreamId("openadr", "PROG7"), Tier.Contractual, Obligation.Mandatory), (envelope.SiteId, envelope.Stream, envelope.Tier, envelope.Obligation));
        Assert.Equal('7', envelope.EnvelopeId.ToString()[14]);
    }

    [Fact]
    public void More_segments_than_an_envelope_takes_are_joined_at_the_stricter_limit_and_said_so()
    {
        var levels = Enumerable.Range(0, 1_440).Select(i => ("PT1M", (double)(1 + (i % 2)))).ToArray();
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("a", "20:00", "PT1440M", Vtn.Simple(levels))));
        var segments = Assert.IsType<EnginePublication.PublishEnvelope>(Assert.Single(ven.Publications)).Envelope.Segments;
        Assert.InRange(segments.Count, 1, 1_024);
        Assert.Equal((Vtn.Time("20:00"), Vtn.Time("20:00") + Duration.FromDays(1)), (segments[0].From, segments[^1].Until));
        Assert.All(Enumerable.Range(0, 1_440), i => Assert.InRange(
            segments.Single(s => s.From <= Minute(i) && s.Until > Minute(i)).Limits.ImportLimitW!.Value, 0, i % 2 == 0 ? 60_000 : 30_000));
        Assert.Contains(ven.Notes, n => n.Class == ErrorClass.LimitCount && n.Text.Contains("PROG7", StringComparison.Ordinal));

        static Instant Minute(int i) => Vtn.Time("20:00") + Duration.FromMinutes(i);
    }

    [Fact]
    public void More_set_points_and_prices_than_the_contract_takes_reach_to_the_end_of_the_event()
    {
        var steps = Enumerable.Range(0, 1_440).Select(i => ("PT1M", 1.0 + i)).ToArray();
        var ven = VenScript.Registered().Gets(Vtn.Distributes(
            Vtn.Event("a", "20:00", "PT1440M", Vtn.Signal("LOAD_DISPATCH", SignalType.Setpoint, steps).InKilowatts()),
            Vtn.Event("b", "20:00", "PT1440M", Vtn.Signal("ELECTRICITY_PRICE", SignalType.Price, steps))));
        var end = Vtn.Time("20:00") + Duration.FromDays(1);
        var targets = ven.Publications.OfType<EnginePublication.PublishEnvelope>().Single().Envelope.Targets;
        Assert.Equal((1_024, end, 1_000L), (targets.Count, targets[^1].Until, targets[0].TargetW));
        var prices = ven.Publications.OfType<EnginePublication.PublishPrices>().Single().Prices.Segments;
        Assert.Equal((1_024, end, 1_440m), (prices.Count, prices[^1].Until, prices[^1].ImportPrice));
        Assert.Equal(2, ven.Notes.Count(n => n.Class == ErrorClass.LimitCount));
    }

    [Fact]
    public void Every_publication_passes_the_contracts_own_reader()
    {
        var config = Configs.With(p => p with { Default = new Limits { ExportLimitW = 0 } });
        var ven = VenScript.Registered(config).Gets(Vtn.Distributes(
            Vtn.Event("a", "20:00", "PT1H", Vtn.Simple(("PT1H", 2)), Vtn.Signal("ELECTRICITY_PRICE", SignalType.Price, ("PT1H", 0.123456789))).StartAfter("PT5M"),
            Vtn.Event("b", "20:30", "PT0S", Vtn.Signal("LOAD_DISPATCH", SignalType.Setpoint, ("PT0S", -5)).InKilowatts())));
        Assert.Equal(2, ven.Publications.Count);
        Assert.All(ven.Publications, Readable);
        ven.Takes(new VenInput.Removed());
        Assert.All(ven.Publications, Readable);
    }

    [Fact]
    public void Only_the_sites_that_are_meant_are_published_and_thousands_of_sites_cost_no_state()
    {
        var sites = Enumerable.Range(0, 10_000).Select(i => new SiteConfig { SiteId = $"site-{i}", Targets = new TargetNames { ResourceIds = [$"r{i}"], GroupIds = [$"g{i % 10}"] } }).ToList();
        var config = Configs.Ven with { SiteId = null, Sites = sites };
        var state = VenScript.Registered(Configs.Ven).State;
        var stored = VenStateJson.Write(state).Length;
        var now = Vtn.Time("18:00");
        var one = Apply(config, state, Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1))).Targeting(new EiTarget { ResourceIds = ["r42"] }));
        Assert.Equal(["site-42 PROG7: 20:00-21:00 import 60000"], one.Publications.Select(Show.Format));
        var tenth = Apply(config, state, Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1))).Targeting(new EiTarget { GroupIds = ["g3"] }));
        Assert.Equal(1000, tenth.Publications.Count);
        var all = Apply(config, state, Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1))));
        Assert.Equal(10_000, all.Publications.Select(p => p.SiteId).Distinct().Count());
        Assert.InRange(VenStateJson.Write(all.State).Length, stored, stored + 3000);

        EngineStep<VenState, NoteKind> Apply(VenConfig with, VenState from, OadrEvent e) => Ven.Apply(
            with, from, new VenInput.ReplyReceived((VenNext.SendRequest)Ven.Next(with, from, now), Vtn.Distributes(e), new string('a', 64)), now, 1);
    }

    [Fact]
    public void A_fraction_counts_from_each_sites_own_reference()
    {
        var config = Configs.Ven with { SiteId = null, Sites = [new SiteConfig { SiteId = "a", ReferenceW = 50_000 }, new SiteConfig { SiteId = "b" }] };
        VenScript.Registered(config).Gets(Vtn.Distributes(Vtn.Event("e", "20:00", "PT1H", Vtn.Signal("LOAD_CONTROL", SignalType.LoadControlCapacity, ("PT1H", 0.5)))))
            .Publishes("a PROG7: 20:00-21:00 import 25000", "b PROG7: 20:00-21:00 import 50000");
    }

    [Fact]
    public void A_changed_configuration_publishes_the_difference_and_withdraws_what_is_gone()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)))), "e1/0 200 OptIn");
        ven.Reconfigured(ven.Config with { PollInterval = Duration.FromSeconds(20) }).Publishes();
        ven.Reconfigured(Configs.With(p => p with { Default = new Limits { ExportLimitW = 1 } })).Publishes("site-1 PROG7: 20:00-21:00 import 60000 export 1");
        ven.Reconfigured(Configs.With(p => p with { Stream = "PROG8" })).Publishes("site-1 PROG7: withdrawn", "site-1 PROG8: 20:00-21:00 import 60000");
        ven.Reconfigured(ven.Config with { SiteId = "site-2" }).Publishes("site-1 PROG8: withdrawn", "site-2 PROG8: 20:00-21:00 import 60000");
    }

    [Fact]
    public void The_passing_of_time_publishes_nothing_and_what_has_passed_is_not_repeated()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT2H", Vtn.Simple(("PT1H", 1), ("PT1H", 2)))), "e1/0 200 OptIn");
        ven.At("21:30").Takes(new VenInput.Tick()).Publishes();
        ven.Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT3H", Vtn.Simple(("PT1H", 1), ("PT2H", 2))).Modified(1)), "e1/1 200 OptIn").Publishes("site-1 PROG7: 21:00-23:00 import 30000");
    }

    [Fact]
    public void F08_after_a_restart_within_an_event_nothing_is_said_twice_and_the_end_stands()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1))).StartAfter("PT10M")), "e1/0 200 OptIn").At("20:30");
        var end = OpenAdr.Events.EventTimeline.End(ven.State.Events[0]);
        ven.State = VenStateJson.Read(VenStateJson.Write(ven.State));
        ven.Takes(new VenInput.Tick()).Publishes();
        ven.Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1))).StartAfter("PT10M")), "e1/0 200 OptIn").Publishes();
        Assert.Equal(end, OpenAdr.Events.EventTimeline.End(ven.State.Events[0]));
    }

    [Fact]
    public void More_steps_than_the_contract_takes_are_joined_at_the_tighter_limit()
    {
        var steps = Enumerable.Range(0, 3000).Select(i => ("PT1M", (double)(i % 3))).ToArray();
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "P2DT2H", Vtn.Simple(steps))), "e1/0 200 OptIn");
        var segments = Assert.IsType<EnginePublication.PublishEnvelope>(ven.Publications[0]).Envelope.Segments;
        Assert.InRange(segments.Count, 2, 1024);
        var exact = steps.Select((s, i) => (From: Vtn.Time("20:00") + Duration.FromMinutes(i), Limit: s.Item2 switch { 1 => 60_000L, 2 => 30_000L, _ => (long?)null }));
        Assert.All(exact.Where(e => e.Limit is not null), e =>
            Assert.True(segments.Single(s => s.From <= e.From && e.From < s.Until).Limits.ImportLimitW <= e.Limit));
    }

    private static void Readable(EnginePublication publication)
    {
        const string source = "/gridservices/openadr/1";
        var json = publication switch
        {
            EnginePublication.PublishEnvelope { Envelope: var e } => CanonicalJson.Bytes(CloudEvents.Wrap(e, source, "default", "id", Vtn.Time("18:00"))),
            EnginePublication.PublishPrices { Prices: var p } => CanonicalJson.Bytes(CloudEvents.Wrap(p, source, "default", "id", Vtn.Time("18:00"))),
            EnginePublication.WithdrawEnvelope { Withdrawal: var w } => CanonicalJson.Bytes(CloudEvents.Wrap(w, source, "default", "id", Vtn.Time("18:00"))),
            _ => throw new InvalidOperationException(),
        };
        var read = EnvelopeReader.ReadPublication(json);
        Assert.Null(Assert.Single(read.Items).Problem);
    }
}
