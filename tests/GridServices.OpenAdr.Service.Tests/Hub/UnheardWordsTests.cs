using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Service.Hub;
using GridServices.OpenAdr.Session;
using GridServices.UtilityClients.Engine;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Hub;

/// <summary>Why a stream is not heard yet, and what lets it go on.</summary>
public sealed class UnheardWordsTests
{
    private static readonly VenState Heard = VenState.Initial with { Link = new LinkState { ListedAt = Instant.FromUtc(2027, 1, 15, 18, 0) } };

    [Fact]
    public void The_stream_of_test_events_is_heard_with_its_program()
    {
        Assert.Null(WhyUnheard("PROG7-test", Ven(Heard, TestEventPolicy.Advisory)));
        Assert.Contains("once it was, this goes on by itself", WhyUnheard("PROG7-test", Ven(VenState.Initial, TestEventPolicy.Advisory)), StringComparison.Ordinal);

        // Where test events are ignored nobody speaks for it.
        Assert.Contains("No VEN of this service", WhyUnheard("PROG7-test", Ven(Heard, TestEventPolicy.Ignore)), StringComparison.Ordinal);
        Assert.Null(WhyUnheard("PROG7", Ven(Heard, TestEventPolicy.Ignore)));
    }

    [Fact]
    public void A_vtn_that_does_not_serve_oadrRequestEvent_is_named_with_the_ways_out()
    {
        var parked = new PendingRequest.RequestEvents { Refusals = 1, ParkedAt = Instant.FromUtc(2027, 1, 15, 18, 0), Problem = "HTTP 404" };
        var why = WhyUnheard("PROG7", Ven(VenState.Initial with { Owed = [parked] }, TestEventPolicy.Ignore))!;
        Assert.Contains("oadrRequestEvent (HTTP 404; it is parked)", why, StringComparison.Ordinal);
        Assert.Contains("POST /v1/vens/site-1/actions/request-events", why, StringComparison.Ordinal);
        Assert.Contains("DELETE /v1/outbox/{id}", why, StringComparison.Ordinal);
        Assert.DoesNotContain("by itself", why, StringComparison.Ordinal);
    }

    private static string? WhyUnheard(string stream, VenView ven) => VenHearing.WhyUnheard(new SpokenStream("default", "site-1", new StreamId("openadr", stream), IsFresh: false), [ven]);

    private static VenView Ven(VenState state, TestEventPolicy testEvents) => new()
    {
        Id = new EngineId("default", "site-1"),
        Since = Instant.FromUtc(2027, 1, 15, 17, 0),
        State = state,
        Config = new VenConfig
        {
            VtnUrl = "https://vtn.example/OpenADR2/Simple/2.0b",
            VenName = "site-1",
            SiteId = "site-1",
            Programs =
            [
                new ProgramConfig
                {
                    MarketContext = "http://mc.example/dr1",
                    Stream = "PROG7",
                    Signals = new SignalPolicies(),
                    Failsafe = new Failsafe { StaleAfter = Duration.FromMinutes(2), OnStale = OnStale.HoldSchedule },
                    TestEvents = testEvents,
                },
            ],
        },
    };
}
