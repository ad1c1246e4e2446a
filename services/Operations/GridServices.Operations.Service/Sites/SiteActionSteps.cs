using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Sites;

/// <summary>Single steps of an action on many sites: what a rule refuses is taken back as if it had not been tried, and said.</summary>
internal sealed class SiteActionSteps(SiteStore sites, SiteHandler handler, EnrollmentStore enrollments, EnrollmentCommands commands, EventStore events)
{
    /// <summary>Suspends an enrollment or changes a site's tags.</summary>
    /// <returns>Null: done; else why not.</returns>
    internal Task<string?> TryAsync(AuditedTransaction transaction, SiteActionRequest request, string siteId, string? enrollmentId) => GuardAsync(transaction, async () =>
    {
        var access = (await SettingsStore.GetAsync(transaction.Tx, transaction.Actor.Tenant)).Access;
        var site = await sites.FindBySiteIdAsync(transaction.Tx, transaction.Actor.Tenant, siteId) ?? throw new ProblemException(ErrorClass.NotFound, "The site is gone.");
        transaction.Actor.Require(UserPermission.EditSites, AccessTarget.From(site), access);
        if (enrollmentId is not null)
        {
            var enrollment = await enrollments.FindAsync(transaction.Tx, transaction.Actor.Tenant, enrollmentId) ?? throw new ProblemException(ErrorClass.NotFound, "The enrollment is gone.");
            await commands.CommandAsync(transaction, enrollment, new LifecycleCommand(CommandKind.Suspend, request.Text));
            return;
        }

        // Where it is moved by its tags must be the actor's too.
        var tags = request.Action == SiteAction.AddTag ? site.Tags.Append(request.Tag).Distinct(StringComparer.Ordinal) : site.Tags.Where(t => t != request.Tag);
        var changed = await handler.ChangeAsync(transaction, site, handler.ToBody(site) with { Tags = [.. tags] });
        transaction.Actor.Require(UserPermission.EditSites, AccessTarget.From(changed), access);
    });

    /// <summary>Opts sites out of one event together: the rule of two persons counts them together. A site that a rule refuses holds up no other.</summary>
    /// <returns>Whether it waits for a second person, and why a site is refused, by its id; of the others it is done, or waits.</returns>
    internal async Task<(bool Waits, IReadOnlyDictionary<string, string> Refused)> TryOptOutAsync(AuditedTransaction transaction, SiteActionRequest request, string eventId, IReadOnlyList<string> siteIds)
    {
        var (waits, refused) = (false, new Dictionary<string, string>(StringComparer.Ordinal));
        var why = await GuardAsync(transaction, async () =>
        {
            var held = await events.FindAsync(transaction.Tx, transaction.Actor.Tenant, eventId) ?? throw new ProblemException(ErrorClass.NotFound, "The event is gone.");
            await RefuseAsync(transaction, held, siteIds, refused);
            IReadOnlyList<string> left = [.. siteIds.Where(id => !refused.ContainsKey(id))];
            waits = left.Count > 0
                && await OptCommands.ChooseAsync(transaction, held, left, new OptBody { Direction = OptDirection.Out, Reason = request.Reason, Text = request.Text }) is not null;
        });
        foreach (var id in why is null ? [] : siteIds)
        {
            refused.TryAdd(id, why!);
        }

        return (waits && why is null, refused);
    }

    /// <summary>Looked at again as it is now: since it was planned sites may have moved, rights gone, and the event may have let sites go.</summary>
    private async Task RefuseAsync(AuditedTransaction transaction, HeldEvent held, IReadOnlyList<string> siteIds, Dictionary<string, string> refused)
    {
        var access = (await SettingsStore.GetAsync(transaction.Tx, transaction.Actor.Tenant)).Access;
        var places = await sites.PlacesAsync(transaction.Actor.Tenant, siteIds);
        var here = held.Event.Sites.Where(s => s.State == SiteEventState.Held).Select(s => s.SiteId).ToHashSet(StringComparer.Ordinal);
        foreach (var id in siteIds)
        {
            var why = !places.TryGetValue(id, out var place) ? "The site is gone."
                : !AccessRules.Allows(transaction.Actor.Grants, UserPermission.Opt, place.Target, access) ? $"'{transaction.Actor.Name}' may not opt this site out any more."
                : here.Contains(id) ? null : "The event is not for this site any more.";
            if (why is not null)
            {
                refused[id] = why;
            }
        }

        // Without one site its VEN may answer for others that are left: until nobody is refused any more.
        IReadOnlyDictionary<string, string> more;
        do
        {
            more = OptCommands.Refusals(held, [.. siteIds.Where(id => !refused.ContainsKey(id))], transaction.Now);
            foreach (var (id, why) in more)
            {
                refused[id] = why;
            }
        }
        while (more.Count > 0);
    }

    private static async Task<string?> GuardAsync(AuditedTransaction transaction, Func<Task> work)
    {
        var mark = await transaction.CreateSavepointAsync();
        try
        {
            await work();
            return null;
        }
        catch (Exception fault) when (fault is ProblemException or FormException)
        {
            await transaction.RollbackToAsync(mark);
            return fault is ProblemException { Problem: var problem } ? problem.Detail ?? problem.Title : fault.Message;
        }
    }
}
