using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Sites;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using NodaTime;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>One line of the list. Limit: what the connection may import for hours, W; null = not known.</summary>
internal sealed record SiteRow(Site Site, string Customer, IReadOnlyList<(Enrollment Held, Lamps Lamps)> Enrollments, long? Limit, SiteGlance Glance)
{
    /// <summary>How it takes part in the event that is live or next.</summary>
    internal EventSite? InEvent => Glance.Event?.Event.Site(Site.SiteId);
}

/// <summary>The tenant's sites, a page at a time; what names exactly one thing, such as a meter number or an event's id, goes to it at once.</summary>
[Needs(UserPermission.SeeSites)]
internal sealed class SitesPage(PageUi ui, SiteStore sites, CustomerStore customers, EnrollmentStore enrollments, EnrollmentHandler enrollmentHandler, EnrollmentStatusReader status, SiteGlances glances, Search search) : ConsolePage(ui)
{
    private const int PageSize = 50;
    private const int MostCustomers = 200;

    [BindProperty(SupportsGet = true)]
    public string? Q { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Tag { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Customer { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? After { get; set; }

    internal IReadOnlyList<SiteRow> Rows { get; private set; } = [];

    internal IReadOnlyList<(string Id, string Name)> Customers { get; private set; } = [];

    internal long Total { get; private set; }

    internal string? Next { get; private set; }

    internal bool IsFiltered => Q is not null || Tag is not null || Customer is not null;

    /// <summary>Whole minutes, so that a refresh within one shows nothing new.</summary>
    internal Instant Minute => Instant.FromUnixTimeSeconds(Ui.Now.ToUnixTimeSeconds() / 60 * 60);

    internal override object Document => new { items = Rows.Select(r => new { r.Site, customer = r.Customer, enrollments = r.Enrollments.Select(e => enrollmentHandler.Mask(e.Held)), lamps = r.Enrollments.Select(e => new { enrollmentId = e.Held.Id, e.Lamps }), netPowerW = r.Glance.PowerW, netPowerAt = r.Glance.PowerAt, nextEvent = r.Glance.Event is { } next ? new { next.Id, next.Event.Source, r.InEvent!.From, r.InEvent.Until, r.InEvent.Opt } : null }), total = Total, next = Next };

    public async Task<IActionResult> OnGetAsync()
    {
        var ct = HttpContext.RequestAborted;
        var shown = await sites.ShownAsync(Ui.Tenant, Ui.Sites(UserPermission.SeeSites), ct);
        if (Q?.Trim() is { Length: > 0 } wanted && await search.FindAsync(wanted, shown, ct) is { } place)
        {
            return Redirect(place);
        }

        var query = new ListQuery(PageSize, After, [.. Filter()], "name") { Sites = shown };
        var page = await sites.PageAsync(Ui.Tenant, query, ct);
        (Next, Total) = (page.Next, await sites.CountAsync(Ui.Tenant, query, ct));
        var offered = (await customers.PageAsync(Ui.Tenant, new ListQuery(MostCustomers, Sort: "name") { Sites = shown }, ct)).Items;
        var names = (await customers.ListByIdsAsync(Ui.Tenant, page.Items.Select(s => s.CustomerId).Concat(Customer is { Length: > 0 } chosen ? [chosen] : []), ct)).ToDictionary(c => c.Id, c => c.Name, StringComparer.Ordinal);
        Customers = [.. offered.Select(c => (c.Id, c.Name)).Concat(names.Where(n => n.Key == Customer).Select(n => (n.Key, n.Value))).DistinctBy(c => c.Item1)];
        var held = await enrollments.ListBySitesAsync(Ui.Tenant, page.Items.Select(s => s.SiteId), ct);
        var bySite = held.Zip(await status.LampsAsync(Ui.Tenant, held, ct)).ToLookup(e => e.First.SiteId, StringComparer.Ordinal);
        var glance = await glances.ReadAsync(Ui.Tenant, [.. page.Items.Select(s => s.SiteId)], ct);
        Rows = [.. page.Items.Select(site => new SiteRow(site, names.GetValueOrDefault(site.CustomerId) ?? Ui.T["none"], [.. bySite[site.SiteId]], ConnectionLimit.Compute(site).ImportW, glance[site.SiteId]))];
        return Page();
    }

    /// <summary>The same sites on the map.</summary>
    internal string MapUrl => CreateUrl("/sites/map", null);

    internal string PageUrl(string? after) => CreateUrl("/sites", after);

    private string CreateUrl(string path, string? after) => QueryHelpers.AddQueryString(
        path, new Dictionary<string, string?>(StringComparer.Ordinal) { ["q"] = Q, ["tag"] = Tag, ["customer"] = Customer, ["after"] = after }.Where(pair => pair.Value is not null));

    /// <summary>Whether there is anything that this person may do to many sites.</summary>
    internal bool MayAct => Ui.May(UserPermission.Opt) || Ui.May(UserPermission.EditSites);

    private IEnumerable<(string Field, string Value)> Filter() => CreateFilter(Q, Tag, Customer);

    /// <summary>What the list's three fields filter by; empty ones filter nothing.</summary>
    internal static IEnumerable<(string Field, string Value)> CreateFilter(string? name, string? tag, string? customer) =>
        new (string Field, string? Value)[] { ("name", name?.Trim()), ("tags", tag?.Trim()), ("customerId", customer?.Trim()) }.Where(f => !string.IsNullOrEmpty(f.Value)).Select(f => (f.Field, f.Value!));
}
