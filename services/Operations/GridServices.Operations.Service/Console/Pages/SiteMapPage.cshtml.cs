using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Console.Charts;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>A site of the map's table; numbers count the page's lines from 1.</summary>
internal sealed record SiteMapRow(int Number, Site Site, MapState State);

/// <summary>The sites of the list by where they are, with a table that says the same.</summary>
[Needs(UserPermission.SeeSites)]
internal sealed class SiteMapPage(PageUi ui, SiteStore sites, EnrollmentStore enrollments, EnrollmentStatusReader status) : ConsolePage(ui)
{
    private const int PageSize = 500;
    private static readonly EnrollmentState[] SetUp = [EnrollmentState.Provisioning, EnrollmentState.Testing, EnrollmentState.Active, EnrollmentState.Suspended];

    [BindProperty(SupportsGet = true)]
    public string? Q { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Tag { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Customer { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? After { get; set; }

    internal IReadOnlyList<SiteMapRow> Rows { get; private set; } = [];

    internal long Total { get; private set; }

    internal string? Next { get; private set; }

    internal bool IsFiltered => Q is not null || Tag is not null || Customer is not null;

    internal IReadOnlyList<MapSite> Placed => [.. Rows.Where(r => r.Site.Geo is not null).Select(r => new MapSite(r.Number, r.Site.Name, r.Site.Geo!, r.State))];

    internal IHtmlContent Drawing => new SiteMap(Placed, Ui.N, Ui.T).Draw(Ui.T["map.title"], Ui.T["map.description"]);

    internal string ListUrl => CreateUrl("/sites", null);

    internal override object Document => new { items = Rows.Select(r => new { r.Site.SiteId, r.Site.Name, r.Site.Geo, state = r.State }), total = Total, next = Next };

    public async Task OnGetAsync()
    {
        var ct = HttpContext.RequestAborted;
        var query = new ListQuery(PageSize, After, [.. SitesPage.CreateFilter(Q, Tag, Customer)], "name") { Sites = await sites.ShownAsync(Ui.Tenant, Ui.Sites(UserPermission.SeeSites), ct) };
        var page = await sites.PageAsync(Ui.Tenant, query, ct);
        (Next, Total) = (page.Next, await sites.CountAsync(Ui.Tenant, query, ct));
        var held = (await enrollments.ListBySitesAsync(Ui.Tenant, page.Items.Select(s => s.SiteId), ct)).Where(e => SetUp.Contains(e.State)).ToList();
        var lamps = held.Zip(await status.LampsAsync(Ui.Tenant, held, ct)).ToLookup(e => e.First.SiteId, e => e.Second, StringComparer.Ordinal);
        Rows = [.. page.Items.Select((site, i) => new SiteMapRow(i + 1, site, FindState(lamps[site.SiteId])))];
    }

    /// <summary>The worst of all lamps; what a program has no lamp for says nothing.</summary>
    internal static MapState FindState(IEnumerable<Lamps> ofSite)
    {
        var states = ofSite.SelectMany(l => new[] { l.Registered.State, l.OptedIn.State, l.Reporting.State }).Where(s => s != LampState.NotUsed).ToHashSet();
        return states.Count == 0 ? MapState.None : states.Contains(LampState.Off) ? MapState.Off : states.Contains(LampState.Unknown) ? MapState.Unknown : MapState.On;
    }

    internal string CreateUrl(string path, string? after) => QueryHelpers.AddQueryString(
        path, new Dictionary<string, string?>(StringComparer.Ordinal) { ["q"] = Q, ["tag"] = Tag, ["customer"] = Customer, ["after"] = after }.Where(pair => pair.Value is not null));
}
