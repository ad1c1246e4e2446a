using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Storage;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Money;

/// <summary>Whose bills somebody may see and make: those of the meter points of the sites that a role reaches.</summary>
internal sealed class BillAccess(MeterPointStore meters, SiteStore sites, SettingsStore settings)
{
    /// <exception cref="ProblemException">404: there is none. 403: it is not for the actor.</exception>
    internal async Task<(MeterPoint Meter, Site Site)> RequireAsync(Actor actor, string meterPointId, UserPermission permission, CancellationToken ct)
    {
        var meter = await meters.FindAsync(actor.Tenant, meterPointId, ct) ?? throw CreateNotFound("meter point", meterPointId);
        return (meter, await SiteAsync(actor, meter.SiteId, permission, ct));
    }

    /// <exception cref="ProblemException">As <see cref="RequireAsync"/>.</exception>
    internal async Task<Site> SiteAsync(Actor actor, string siteId, UserPermission permission, CancellationToken ct)
    {
        var site = await sites.FindBySiteIdAsync(actor.Tenant, siteId, ct);
        actor.Require(permission, site is null ? new AccessTarget { SiteId = siteId } : AccessTarget.From(site), (await settings.GetAsync(actor.Tenant, ct)).Access);
        return site ?? throw CreateNotFound("site", siteId);
    }

    /// <summary>The sites of which the actor may see bills; null = all.</summary>
    internal async Task<IReadOnlySet<string>?> ShownAsync(Actor actor, UserPermission permission, CancellationToken ct) =>
        await sites.ShownAsync(actor.Tenant, AccessRules.Filter(actor.Grants, permission, (await settings.GetAsync(actor.Tenant, ct)).Access), ct);

    internal async Task<Page<MeterPoint>> PageAsync(Actor actor, UserPermission permission, string? after, int limit, CancellationToken ct) =>
        await meters.PageAsync(actor.Tenant, new ListQuery(limit, after) { Sites = await ShownAsync(actor, permission, ct) }, ct);

    /// <summary>All that the actor may do this to.</summary>
    internal async Task<IReadOnlyList<MeterPoint>> ListAsync(Actor actor, UserPermission permission, CancellationToken ct)
    {
        var all = new List<MeterPoint>();
        string? after = null;
        do
        {
            var page = await PageAsync(actor, permission, after, Paging.Most, ct);
            all.AddRange(page.Items);
            after = page.Next;
        }
        while (after is not null);
        return all;
    }

    /// <exception cref="ProblemException">It is no month.</exception>
    internal static YearMonth Month(string? text) => YearMonthPattern.Iso.Parse(text ?? string.Empty) is { Success: true } parsed
        ? parsed.Value
        : throw new ProblemException(ErrorClass.SemanticTime, "month is a month such as 2027-07.", "month");

    private static ProblemException CreateNotFound(string what, string id) => new(ErrorClass.NotFound, $"There is no {what} '{SafeText.Line(id)}' here.");
}
