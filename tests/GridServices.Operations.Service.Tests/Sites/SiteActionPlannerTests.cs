using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Reconcile;
using GridServices.Operations.Service.Sites;
using GridServices.Operations.Service.Storage;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Sites;

/// <summary>What an action on many sites would do, and what a list says of a site, from what is known alone.</summary>
public sealed class SiteActionPlannerTests
{
    private static readonly Instant Now = Instant.FromUtc(2027, 7, 1, 16, 0);

    [Fact]
    public void An_opt_out_names_for_each_site_the_events_or_why_there_is_nothing_to_do()
    {
        HeldEvent[] events =
        [
            Event("openadr:u/live", EventOrigin.OpenAdr, -1, Site("a", "ven-a"), Site("b", "ven-bc"), Site("c", "ven-bc")),
            Event("openadr:u/next", EventOrigin.OpenAdr, 5, Site("a", "ven-a"), Site("d", "ven-d") with { Opt = new SiteOpt(OptState.Out, OptSource.User, "dana") }),
            Event("2030.5:u/x", EventOrigin.Ieee2030Dot5, 5, Site("e", "client-1")),
            Event("openadr:u/over", EventOrigin.OpenAdr, -9, Site("f", "ven-f")),
        ];
        var plan = SiteActionPlanner.OptOut(events, ["a", "b", "d", "e", "f"], Now);
        Assert.Equal([("a", "openadr:u/live"), ("a", "openadr:u/next")], plan.Steps.Select(s => (s.SiteId, s.Event!.Event.Source)));
        Assert.Equal(1, plan.Sites);
        Assert.Equal([("b", "bulk.eventRefused"), ("d", "bulk.alreadyOut"), ("e", "bulk.eventRefused"), ("f", "bulk.noEvent")], plan.Refused.Select(r => (r.SiteId, r.Why)));
        Assert.Contains("VEN 'ven-bc' answers for 2 sites at once", plan.Refused[0].Detail, StringComparison.Ordinal);
        Assert.Contains("also c", plan.Refused[0].Detail, StringComparison.Ordinal);

        // Chosen together, the two of one VEN can be opted out.
        Assert.Equal(["a", "b", "c", "a"], SiteActionPlanner.OptOut(events, ["a", "b", "c"], Now).Steps.Select(s => s.SiteId));
    }

    [Fact]
    public void A_tag_is_added_and_removed_only_where_that_changes_something()
    {
        var places = new Dictionary<string, SitePlace> { ["a"] = new("a", "c", ["west"], "UTC"), ["b"] = new("b", "c", [], "UTC") };
        var added = SiteActionPlanner.Tag(new(SiteAction.AddTag, ["a", "b"]) { Tag = "west" }, ["a", "b"], places);
        Assert.Equal(("b", "west"), (added.Steps.Single().SiteId, added.Steps.Single().Tags!.Single()));
        Assert.Equal(("a", "bulk.hasTag"), (added.Refused.Single().SiteId, added.Refused.Single().Why));
        var removed = SiteActionPlanner.Tag(new(SiteAction.RemoveTag, ["a", "b"]) { Tag = "west" }, ["a", "b"], places);
        Assert.Equal("a", removed.Steps.Single().SiteId);
        Assert.Empty(removed.Steps.Single().Tags!);
        Assert.Equal("bulk.hasNoTag", removed.Refused.Single().Why);
    }

    [Theory]
    [InlineData(SiteAction.Suspend, "", "west", "text")]
    [InlineData(SiteAction.AddTag, "why", "", "tag")]
    [InlineData(SiteAction.RemoveTag, "why", "two words", "tag")]
    [InlineData(SiteAction.AddTag, "why", "a,b", "tag")]
    [InlineData(SiteAction.OptOut, "", "", null)]
    internal void A_request_that_lacks_something_says_at_which_field(SiteAction action, string text, string tag, string? field) =>
        Assert.Equal(field, SiteActionPlanner.Faults(new SiteActionRequest(action, ["a"]) { Text = text, Tag = tag }).Select(f => f.Field).SingleOrDefault());

    [Fact]
    public void Power_that_was_measured_too_long_ago_or_that_a_hub_which_is_away_once_told_is_no_power_now()
    {
        var seen = new SiteSeen(1, Now, Now, null, new MinuteShare()) { NetPowerW = 41_500, NetPowerAt = Now - Duration.FromSeconds(50) };
        Assert.Equal((41_500L, null), Read(SiteGlances.Create(seen, null, Now, null)));
        Assert.Equal((null, (Instant?)seen.NetPowerAt), Read(SiteGlances.Create(seen, null, Now + Lamps.StaleAfter, null)));
        Assert.Equal((null, (Instant?)seen.NetPowerAt), Read(SiteGlances.Create(seen, Now, Now, null)));

        // A clock a little ahead is no fault; one that is hours ahead tells nothing of now.
        Assert.Equal((41_500L, null), Read(SiteGlances.Create(seen with { NetPowerAt = Now + Lamps.StaleAfter }, null, Now, null)));
        Assert.Equal((null, (Instant?)Now), Read(SiteGlances.Create(seen with { NetPowerAt = Now + Duration.FromHours(7) }, null, Now, null)));
        Assert.Equal((null, (Instant?)Now), Read(SiteGlances.Create(null, Now, Now, null)));
        Assert.Equal((null, null), Read(SiteGlances.Create(null, null, Now, null)));
        Assert.Equal((null, null), Read(SiteGlances.Create(seen with { NetPowerW = null, NetPowerAt = null }, null, Now, null)));

        static (long?, Instant?) Read(SiteGlance glance) => (glance.PowerW, glance.UnknownSince);
    }

    private static HeldEvent Event(string source, EventOrigin origin, int startsIn, params EventSite[] sites)
    {
        var (from, until) = (Now + Duration.FromHours(startsIn), Now + Duration.FromHours(startsIn + 3));
        return new HeldEvent
        {
            Id = source,
            Version = 1,
            Event = new Event
            {
                Tenant = "default",
                Source = source,
                Origin = origin,
                AnnouncedAt = from,
                From = from,
                Until = until,
                Revisions = [new EventRevision { Number = 0, ToldAt = from, From = from, Until = until }],
                Sites = sites.Select(s => s with { From = from, Until = until }).ToValueList(),
            },
        };
    }

    private static EventSite Site(string id, string through) => new() { SiteId = id, Through = through, From = Now, Revision = 0, ToldAt = Now, State = SiteEventState.Held };
}
