using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Certification;

/// <summary>Event cases of the certification that no other test tells as a scenario.</summary>
public class EventCaseTests : EitherWay
{
    private static readonly OadrEvent Evening = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)));

    public EventCaseTests()
        : this(VenTransport.Pull)
    {
    }

    protected EventCaseTests(VenTransport transport)
        : base(transport)
    {
    }

    [Fact]
    public void E1_0040_twenty_four_price_intervals_become_a_series_of_twenty_four()
    {
        var prices = Vtn.Signal(SignalNames.ElectricityPrice, SignalType.Price, [.. Enumerable.Range(0, 24).Select(i => ("PT1H", 0.10 + (i / 100.0)))]).InCurrency("USD");
        var ven = Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "19:00", "P1D", prices)), "e1/0 200 OptIn");
        var series = Assert.IsType<EnginePublication.PublishPrices>(Assert.Single(ven.Publications)).Prices.Segments;
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (Vtn.Time("19:00") + Duration.FromHours(i), (decimal?)(0.10m + (i / 100m)))), series.Select(s => (s.From, s.ImportPrice)));
    }

    [Fact]
    public void E1_0060_an_event_with_every_optional_member_is_taken_and_means_what_it_means_without()
    {
        var full = Evening with
        {
            Descriptor = Evening.Descriptor with { ModificationDateTime = Vtn.Time("17:30"), ModificationReason = "more to say", TestEvent = "false", VtnComment = "a hot day" },
            ActivePeriod = Evening.ActivePeriod with { Notification = Vtn.For("PT1H"), RampUp = Vtn.For("PT10M"), Recovery = Vtn.For("PT10M") },
            Signals = [Evening.Signals[0] with { CurrentValue = 0 }],
        };
        Registered().Gets(Vtn.Distributes(full), "e1/0 200 OptIn").Publishes("site-1 PROG7: 20:00-21:00 import 60000");
    }

    [Theory]
    [InlineData("18:00", 0, false, "e1/0 200 OptIn")]
    [InlineData("18:00", 1, false, "e1/1 200 OptIn")]
    [InlineData("20:30", 0, false, "e1/0 200 OptIn")]
    [InlineData("20:30", 1, false, "e1/1 200 OptIn")]
    [InlineData("18:00", 0, true, "e1/0 200 OptIn")]
    [InlineData("18:00", 1, true, "e1/1 200 OptIn")]
    public void E1_0082_to_0104_pending_active_and_cancelled_of_each_modification_are_answered_if_always_and_left_if_never(string at, uint number, bool isCancelled, string answer)
    {
        var (first, second) = (Evening, isCancelled ? Evening.Cancelled(number) : Evening.Modified(number));
        Registered().Gets(Vtn.Distributes(first), "e1/0 200 OptIn").At(at).Gets(Vtn.Distributes(second), answer).Sends<OadrPoll>();
        Registered().Gets(Vtn.Distributes(first.NoResponse())).Sends<OadrPoll>().At(at).Gets(Vtn.Distributes(second.NoResponse())).Sends<OadrPoll>();
    }

    [Fact]
    public void E1_0200_ids_of_the_greatest_length_come_back_unchanged()
    {
        var (eventId, requestId) = (new string('e', 200), new string('r', 200));
        var ven = Registered().Gets(Vtn.DistributesAs(requestId, Evening with { Descriptor = Evening.Descriptor with { EventId = eventId } }));
        ven.Sends<OadrCreatedEvent>(out var answer);
        Assert.Equal((eventId, requestId), (answer.EventResponses[0].QualifiedEventId.EventId, answer.EventResponses[0].RequestId));
    }

    [Fact]
    public void E1_0240_an_event_cancelled_within_its_first_minute_ends_then() =>
        Registered().Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn")
            .At("20:00:40").Gets(Vtn.Distributes(Evening.Cancelled(1)), "e1/1 200 OptIn").Publishes("site-1 PROG7: nothing");

    [Fact]
    public void E1_0270_three_events_one_after_another_follow_each_other_without_a_gap()
    {
        var ven = Registered().Gets(
            Vtn.Distributes(Evening, Vtn.Event("e2", "21:00", "PT1H", Vtn.Simple(("PT1H", 2))), Vtn.Event("e3", "22:00", "PT1H", Vtn.Simple(("PT1H", 3)))),
            "e1/0 200 OptIn, e2/0 200 OptIn, e3/0 200 OptIn");
        ven.Publishes("site-1 PROG7: 20:00-21:00 import 60000, 21:00-22:00 import 30000, 22:00-23:00 import 0");
        ven.At("22:30").Takes(new VenInput.Tick()).Publishes();
    }

    [Fact]
    public void E1_0285_events_of_two_market_contexts_go_to_their_own_streams()
    {
        var two = Configs.Ven with { Programs = [Configs.Program, Configs.Program with { MarketContext = "http://mc.example/dr2", Stream = "PROG8" }] };
        var ven = Registered(two).Gets(
            Vtn.Distributes(Evening, Vtn.Event("e2", "20:30", "PT1H", Vtn.Simple(("PT1H", 2))).Context("http://mc.example/dr2")), "e1/0 200 OptIn, e2/0 200 OptIn");
        Assert.Equal(["site-1 PROG7: 20:00-21:00 import 60000", "site-1 PROG8: 20:30-21:30 import 30000"], ven.Published.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void E1_0310_and_0325_an_event_for_other_resources_or_another_context_is_462_beside_one_of_ours()
    {
        var config = Configs.Ven with { Targets = new TargetNames { ResourceIds = ["r1"] } };
        Registered(config).Gets(
            Vtn.Distributes(
                Evening.Targeting(new EiTarget { ResourceIds = ["r9"] }),
                Vtn.Event("e2", "20:00", "PT1H", Vtn.Simple(("PT1H", 2))).Context("http://mc.example/unknown"),
                Vtn.Event("e3", "20:00", "PT1H", Vtn.Simple(("PT1H", 3))).Targeting(new EiTarget { ResourceIds = ["r1"] })),
            "e1/0 462 OptOut, e2/0 462 OptOut, e3/0 200 OptIn").Publishes("site-1 PROG7: 20:00-21:00 import 0");
    }

    [Fact]
    public void E1_1010_a_payload_without_events_is_no_error_and_asks_for_nothing()
    {
        var ven = Registered().Gets(Vtn.Distributes()).Publishes().Sends<OadrPoll>();
        Assert.DoesNotContain(ven.Notes, n => n.Level > NoteLevel.Information);
    }

    [Fact]
    public void E1_1030_two_payloads_one_after_the_other_each_list_all_events()
    {
        var second = Vtn.Event("e2", "22:00", "PT1H", Vtn.Simple(("PT1H", 2)));
        Registered().Gets(Vtn.DistributesAs("d-1", Evening), "e1/0 200 OptIn").Publishes("site-1 PROG7: 20:00-21:00 import 60000")
            .Gets(Vtn.DistributesAs("d-2", Evening, second), "e1/0 200 OptIn, e2/0 200 OptIn").Publishes("site-1 PROG7: 20:00-21:00 import 60000, 22:00-23:00 import 30000");
    }

    [Fact]
    public void E1_1040_signals_of_all_kinds_in_one_payload_each_do_their_own()
    {
        var price = Vtn.Event("p", "20:00", "PT1H", Vtn.Signal(SignalNames.ElectricityPrice, SignalType.Price, ("PT1H", 0.30)).InCurrency("USD"));
        var dispatch = Vtn.Event("d", "21:00", "PT1H", Vtn.Signal(SignalNames.LoadDispatch, SignalType.Setpoint, ("PT1H", 5)).InKilowatts());
        var ven = Registered().Gets(Vtn.Distributes(Evening, price, dispatch), "e1/0 200 OptIn, p/0 200 OptIn, d/0 200 OptIn");
        Assert.Equal(
            ["site-1 PROG7: 20:00-21:00 0.3 USD/kWh", "site-1 PROG7: 20:00-21:00 import 60000, 21:00-22:00 target 5000"],
            ven.Published.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void E1_1050_events_that_the_ven_asks_for_are_taken_and_answered_like_those_it_is_sent()
    {
        var ven = Registered().Person(VenAction.RequestEvents);
        ven.Sends<OadrRequestEvent>(out var ask);
        Assert.Equal(Vtn.VenId, ask.VenId);
        ven.Hears(Vtn.DistributesAs("d-1", Evening) with { Response = EiResponse.Ok(ask.RequestId) }).Publishes("site-1 PROG7: 20:00-21:00 import 60000");
        ven.Sends<OadrCreatedEvent>(out var answer);
        Assert.Equal("d-1", answer.EventResponses[0].RequestId);
    }
}

/// <summary>The same, pushed.</summary>
public sealed class PushedEventCaseTests() : EventCaseTests(VenTransport.Push);
