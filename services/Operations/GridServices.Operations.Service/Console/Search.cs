using GridServices.Operations.Registry;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Reconcile;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Console;

/// <summary>The search above every page: what was typed names a site, meter, event, VEN, device, enrollment or customer, and then its page is the answer.</summary>
internal sealed class Search(
    PageUi ui, SiteStore sites, MeterPointStore meters, EnrollmentStore enrollments, CertificateStore certificates, CustomerStore customers,
    EventStore events, Observations observations)
{
    private const int Lfdi = 40;

    /// <summary>The address of what is called exactly so, of what the reader sees; null: nothing is, or several things are.</summary>
    /// <param name="wanted">As it was typed, without spaces around it.</param>
    /// <param name="shown">The sites that the reader sees; null = all.</param>
    /// <param name="ct">Ends the wait.</param>
    internal async Task<string?> FindAsync(string wanted, IReadOnlySet<string>? shown, CancellationToken ct) =>
        await SiteAsync(wanted, shown, ct) ?? await LineAsync(wanted, shown, ct) ?? await EventAsync(wanted, shown, ct) ?? await CustomerAsync(wanted, shown, ct);

    private async Task<string?> SiteAsync(string wanted, IReadOnlySet<string>? shown, CancellationToken ct)
    {
        if (await sites.FindBySiteIdAsync(ui.Tenant, wanted, ct) is { } site)
        {
            return FindPage(site.SiteId, shown);
        }

        foreach (var scheme in wanted.Any(char.IsAsciiDigit) ? Enum.GetValues<IdentifierScheme>() : [])
        {
            if (await meters.FindByIdentifierAsync(ui.Tenant, scheme, wanted, ct) is { } meter)
            {
                return FindPage(meter.SiteId, shown);
            }
        }

        return (await meters.PageAsync(ui.Tenant, new ListQuery(2, Filter: [("meterNo", wanted)]) { Sites = shown }, ct)).Items is [var numbered] ? FindPage(numbered.SiteId, shown) : null;
    }

    /// <summary>Who a site is to a utility: the VEN's key here or the venID there, the 2030.5 client, the LFDI, or an enrollment's id.</summary>
    private async Task<string?> LineAsync(string wanted, IReadOnlySet<string>? shown, CancellationToken ct)
    {
        var (view, lfdi) = (observations.GetView(ui.Tenant), wanted.Replace(" ", string.Empty, StringComparison.Ordinal).ToUpperInvariant());
        var venKey = view.Vens.FirstOrDefault(v => v.Value.VenId == wanted).Key ?? wanted;
        if (lfdi.Length == Lfdi && view.Clients.Values.SelectMany(c => c.Devices).FirstOrDefault(d => string.Equals(d.Value.Lfdi, lfdi, StringComparison.OrdinalIgnoreCase)).Key is { } device)
        {
            return FindPage(device, shown);
        }

        (string Field, string Value)[] ways = [("venKey", venKey), ("clientKey", wanted)];
        foreach (var way in ways.Concat(await FindCertificatesAsync(lfdi, ct)))
        {
            var found = (await enrollments.PageAsync(ui.Tenant, new ListQuery(1_000, Filter: [way]) { Sites = shown }, ct)).Items;
            if (found.Count > 0)
            {
                return found is [var one] ? $"/enrollments/{one.Id}" : found.DistinctBy(e => e.SiteId).Count() == 1 ? FindPage(found[0].SiteId, shown) : null;
            }
        }

        return EntityId.IsValid(wanted) && await enrollments.FindAsync(ui.Tenant, wanted, ct) is { } held && shown?.Contains(held.SiteId) != false ? $"/enrollments/{held.Id}" : null;
    }

    private async Task<IEnumerable<(string Field, string Value)>> FindCertificatesAsync(string lfdi, CancellationToken ct) => lfdi.Length != Lfdi ? []
        : (await certificates.PageAsync(ui.Tenant, new ListQuery(10, Filter: [("lfdi", lfdi)]), ct)).Items.Select(c => ("certificateId", c.Id));

    private async Task<string?> EventAsync(string wanted, IReadOnlySet<string>? shown, CancellationToken ct) =>
        (await events.FindAsync(ui.Tenant, wanted, ct) ?? await events.FindBySourceAsync(ui.Tenant, wanted, ct) ?? await events.FindByEventIdAsync(ui.Tenant, wanted, ct)) is { } held
            && (shown is null || held.Event.Sites.Any(s => shown.Contains(s.SiteId))) ? $"/events/{held.Id}" : null;

    /// <summary>A customer whose name contains it, where no site is called so: the sites of that customer.</summary>
    private async Task<string?> CustomerAsync(string wanted, IReadOnlySet<string>? shown, CancellationToken ct) =>
        await sites.CountAsync(ui.Tenant, new ListQuery(1, Filter: [("name", wanted)]) { Sites = shown }, ct) == 0
            && (await customers.PageAsync(ui.Tenant, new ListQuery(2, Filter: [("name", wanted)]) { Sites = shown }, ct)).Items is [var only] ? $"/sites?customer={only.Id}" : null;

    private static string? FindPage(string siteId, IReadOnlySet<string>? shown) => shown?.Contains(siteId) != false ? $"/sites/{Uri.EscapeDataString(siteId)}" : null;
}
