using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Sites;

/// <summary>Says beforehand what an action on many sites will do at each, and why not at others.</summary>
internal sealed class SiteActionPlanner(SiteStore sites, EnrollmentStore enrollments, EventStore events, SettingsStore settings, IClock clock)
{
    /// <summary>Why a site is left out: it is not the actor's, or there is none.</summary>
    internal const string NotAllowed = "bulk.notAllowed";

    private const int LongestTag = 50;

    /// <summary>What of the request itself is wrong, by the field's name; the key of a text.</summary>
    internal static IEnumerable<(string Field, string Key)> Faults(SiteActionRequest request)
    {
        if (request.SiteIds.Count == 0)
        {
            yield return ("site", "opt.siteNeeded");
        }

        if (request.Action == SiteAction.Suspend && string.IsNullOrWhiteSpace(request.Text))
        {
            yield return ("text", "bulk.textNeeded");
        }

        if (request.Action is SiteAction.AddTag or SiteAction.RemoveTag && (request.Tag.Length is 0 or > LongestTag || request.Tag.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == ',')))
        {
            yield return ("tag", "bulk.tagNeeded");
        }
    }

    internal static UserPermission PermissionFor(SiteAction action) => action == SiteAction.OptOut ? UserPermission.Opt : UserPermission.EditSites;

    internal async Task<SiteActionPlan> PlanAsync(Actor actor, SiteActionRequest request, CancellationToken ct)
    {
        var rules = await settings.GetAsync(actor.Tenant, ct);
        var places = await sites.PlacesAsync(actor.Tenant, request.SiteIds, ct);
        var may = request.SiteIds.ToLookup(id => places.TryGetValue(id, out var place) && AccessRules.Allows(actor.Grants, PermissionFor(request.Action), place.Target, rules.Access));
        var allowed = may[true].ToList();
        var refused = may[false].Select(id => new SiteActionRefusal(id, NotAllowed)).ToList();
        var plan = request.Action switch
        {
            SiteAction.OptOut => OptOut(await events.ListBySitesAsync(actor.Tenant, allowed, clock.GetCurrentInstant(), ct), allowed, clock.GetCurrentInstant()),
            SiteAction.Suspend => Suspend(await enrollments.ListBySitesAsync(actor.Tenant, allowed, ct), allowed),
            _ => Tag(request, allowed, places),
        };
        return plan with
        {
            Refused = [.. refused, .. plan.Refused],
            NeedsSecond = request.Action == SiteAction.OptOut && plan.Steps.GroupBy(s => s.Event!.Id).Any(g => rules.TwoPerson.NeedsSecond(GuardedAction.OptOut, g.Count(), OutBy(actor, g.First().Event!))),
        };
    }

    /// <summary>Those count as well; none of them is a step.</summary>
    private static int OutBy(Actor actor, HeldEvent held) => held.Event.Sites.Count(s => s.Opt is { State: OptState.Out, By: OptSource.User } && s.Opt.Who == actor.Name);

    /// <summary>Each event is asked whether a site may be opted out of it along with the others that were chosen.</summary>
    internal static SiteActionPlan OptOut(IReadOnlyList<HeldEvent> events, IReadOnlyList<string> siteIds, Instant now)
    {
        var (steps, refused, chosen) = (new List<SiteActionStep>(), new List<SiteActionRefusal>(), siteIds.ToHashSet(StringComparer.Ordinal));
        var open = events.Where(e => e.Event.PhaseAt(now) is EventPhase.Live or EventPhase.Next).ToList();
        foreach (var held in open)
        {
            var here = held.Event.Sites.Where(s => s.State == SiteEventState.Held && chosen.Contains(s.SiteId)).ToList();
            var refusals = OptCommands.Refusals(held, [.. here.Select(s => s.SiteId)], now);
            foreach (var site in here)
            {
                if (refusals.TryGetValue(site.SiteId, out var why))
                {
                    refused.Add(new SiteActionRefusal(site.SiteId, "bulk.eventRefused", $"{held.Event.TemplateCode ?? held.Event.Program ?? held.Event.Source}: {why}"));
                }
                else if (site.Opt is not { State: OptState.Out, By: OptSource.User })
                {
                    steps.Add(new SiteActionStep(site.SiteId) { Event = held });
                }
                else
                {
                    refused.Add(new SiteActionRefusal(site.SiteId, "bulk.alreadyOut"));
                }
            }
        }

        var touched = steps.Select(s => s.SiteId).Concat(refused.Select(r => r.SiteId)).ToHashSet(StringComparer.Ordinal);
        return new SiteActionPlan(steps, [.. refused, .. siteIds.Where(id => !touched.Contains(id)).Select(id => new SiteActionRefusal(id, "bulk.noEvent"))]);
    }

    internal static SiteActionPlan Suspend(IReadOnlyList<Enrollment> enrollments, IReadOnlyList<string> siteIds)
    {
        var steps = enrollments.Where(e => Lifecycle.Next(e.State, CommandKind.Suspend) is not null).Select(e => new SiteActionStep(e.SiteId) { Enrollment = e }).ToList();
        var some = steps.Select(s => s.SiteId).ToHashSet(StringComparer.Ordinal);
        return new SiteActionPlan(steps, [.. siteIds.Where(id => !some.Contains(id)).Select(id => new SiteActionRefusal(id, "bulk.nothingActive"))]);
    }

    internal static SiteActionPlan Tag(SiteActionRequest request, IReadOnlyList<string> siteIds, IReadOnlyDictionary<string, SitePlace> places)
    {
        var isAdding = request.Action == SiteAction.AddTag;
        var changes = siteIds.ToLookup(id => places[id].Tags.Contains(request.Tag) != isAdding);
        return new SiteActionPlan(
            [.. changes[true].Select(id => new SiteActionStep(id) { Tags = isAdding ? [.. places[id].Tags, request.Tag] : [.. places[id].Tags.Where(t => t != request.Tag)] })],
            [.. changes[false].Select(id => new SiteActionRefusal(id, isAdding ? "bulk.hasTag" : "bulk.hasNoTag"))]);
    }
}
