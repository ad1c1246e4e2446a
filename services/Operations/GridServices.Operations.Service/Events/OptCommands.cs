using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Events;

/// <summary>A person's choice about an event.</summary>
public sealed record OptBody
{
    public required OptDirection Direction { get; init; }

    /// <summary>OpenADR's word for why.</summary>
    public required OptReason Reason { get; init; }

    public string? Text { get; init; }
}

/// <summary>What an approved opt-out of many sites does.</summary>
internal sealed record OptContent(string EventId, IReadOnlyList<string> SiteIds, OptBody Choice);

/// <summary>Takes persons' choices in: kept first, then told to the service, and told again for as long as it says otherwise.</summary>
internal static class OptCommands
{
    /// <summary>Keeps the choice for these sites; or, where the rule of two persons says so, asks for a second one.</summary>
    /// <exception cref="ProblemException">409: the event is over, is not of a protocol with opt, or its VEN serves other sites too.</exception>
    internal static async Task<ApprovalItem?> ChooseAsync(AuditedTransaction transaction, HeldEvent held, IReadOnlyList<string> siteIds, OptBody body)
    {
        new FormCheck().Text("/text", body.Text, 500, required: false).Demand();
        Demand(transaction, held, siteIds);
        var rule = (await SettingsStore.OfAsync(transaction.Tx, transaction.Actor.Tenant)).TwoPerson;
        var before = body.Direction == OptDirection.Out ? await OptStore.OptedOutByAsync(transaction, held, siteIds) : 0;
        if (body.Direction == OptDirection.Out && transaction.Actor.ApprovedBy is null && rule.NeedsSecond(GuardedAction.OptOut, siteIds.Count, before))
        {
            return await ApprovalCommands.AskAsync(transaction, GuardedAction.OptOut, new OptContent(held.Id, siteIds, body));
        }

        foreach (var siteId in siteIds)
        {
            await OptStore.ChooseAsync(transaction, held, siteId, body.Direction, body.Reason, body.Text);
        }

        return null;
    }

    private static void Demand(AuditedTransaction transaction, HeldEvent held, IReadOnlyList<string> siteIds)
    {
        if (held.Event.Over is { } over && over <= transaction.Now)
        {
            throw new ProblemException(ErrorClass.Conflict, "The event is over; nobody can opt any more.");
        }

        if (held.Event.Origin != EventOrigin.OpenAdr)
        {
            throw new ProblemException(ErrorClass.Conflict, held.Event.Origin == EventOrigin.Ieee2030Dot5
                ? "A control of IEEE 2030.5 is not opted out of; where the site can't follow it, suspend the enrollment and tell the utility."
                : "This event was entered by hand; tell the utility by the way it was announced.");
        }

        foreach (var siteId in siteIds)
        {
            var site = held.Event.Site(siteId) ?? throw new ProblemException(ErrorClass.NotFound, $"The event is not for site '{SafeText.Line(siteId)}'.");
            var together = held.Event.Sites.Where(s => s.Through == site.Through && s.State == SiteEventState.Held).Select(s => s.SiteId).ToList();
            if (together.Except(siteIds, StringComparer.Ordinal).ToList() is { Count: > 0 } others)
            {
                throw new ProblemException(ErrorClass.Conflict, $"VEN '{site.Through}' answers for {together.Count} sites at once; choose for all of them together: also {string.Join(", ", others.Take(10))}.");
            }
        }
    }
}
