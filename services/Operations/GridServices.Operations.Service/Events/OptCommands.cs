using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Events;
using GridServices.Operations.Opt;
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
        new FormCheck().Text("/text", body.Text, 500, required: false).ThrowIfAny();
        RequireSites(transaction, held, siteIds);
        var rule = (await SettingsStore.GetAsync(transaction.Tx, transaction.Actor.Tenant)).TwoPerson;
        var before = body.Direction == OptDirection.Out ? await OptStore.OptedOutByAsync(transaction, held, siteIds) : 0;
        if (body.Direction == OptDirection.Out && transaction.Actor.ApprovedBy is null && rule.NeedsSecond(GuardedAction.OptOut, siteIds.Count, before))
        {
            return await ApprovalCommands.RequestOnceAsync(transaction, new OptContent(held.Id, siteIds, body));
        }

        foreach (var siteId in siteIds)
        {
            await OptStore.ChooseAsync(transaction, held, siteId, body.Direction, body.Reason, body.Text);
        }

        return null;
    }

    /// <summary>Why some of the sites can't be chosen for in this event, together with the others; by the site's id.</summary>
    internal static IReadOnlyDictionary<string, string> Refusals(HeldEvent held, IReadOnlyList<string> siteIds, NodaTime.Instant now)
    {
        var ofAll = FindRefusal(held, now);
        if (ofAll is not null)
        {
            return siteIds.ToDictionary(id => id, _ => ofAll, StringComparer.Ordinal);
        }

        var chosen = siteIds.ToHashSet(StringComparer.Ordinal);
        var refused = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var together in held.Event.Sites.GroupBy(s => s.Through, StringComparer.Ordinal))
        {
            var answered = together.Where(s => s.State == SiteEventState.Held).Select(s => s.SiteId).ToList();
            var others = answered.Where(id => !chosen.Contains(id)).Take(10).ToList();
            foreach (var site in others.Count == 0 ? [] : together.Where(s => chosen.Contains(s.SiteId)))
            {
                refused[site.SiteId] = $"VEN '{together.Key}' answers for {answered.Count} sites at once; choose for all of them together: also {string.Join(", ", others)}.";
            }
        }

        return refused;
    }

    private static void RequireSites(AuditedTransaction transaction, HeldEvent held, IReadOnlyList<string> siteIds)
    {
        var known = held.Event.Sites.Select(s => s.SiteId).ToHashSet(StringComparer.Ordinal);
        if (siteIds.FirstOrDefault(id => !known.Contains(id)) is { } stranger)
        {
            throw new ProblemException(ErrorClass.NotFound, $"The event is not for site '{SafeText.Line(stranger)}'.");
        }

        if (Refusals(held, siteIds, transaction.Now).Values.FirstOrDefault() is { } refusal)
        {
            throw new ProblemException(ErrorClass.Conflict, refusal);
        }
    }

    private static string? FindRefusal(HeldEvent held, NodaTime.Instant now) => held.Event switch
    {
        { Over: { } over } when over <= now => "The event is over; nobody can opt any more.",
        { Origin: EventOrigin.OpenAdr } => null,
        { Origin: EventOrigin.Ieee2030Dot5 } => "A control of IEEE 2030.5 is not opted out of; where the site can't follow it, suspend the enrollment and tell the utility.",
        _ => "This event was entered by hand; tell the utility by the way it was announced.",
    };
}
