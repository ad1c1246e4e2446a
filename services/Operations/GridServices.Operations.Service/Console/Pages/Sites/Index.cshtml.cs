using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using NodaTime;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>One line of the list. Limit: what the connection may import for hours, W; null = not known.</summary>
internal sealed record SiteRow(Site Site, string Customer, IReadOnlyList<Enrollment> Enrollments, long? Limit);

/// <summary>The tenant's sites, a page at a time; an exact site id or meter number goes to its site at once.</summary>
[Needs(UserPermission.SeeSites)]
internal sealed class SitesPage(PageUi ui, SiteStore sites, CustomerStore customers, EnrollmentStore enrollments, EnrollmentHandler enrollmentHandler, MeterPointStore meters) : ConsolePage(ui)
{
    private const int PageSize = 50;

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

    internal override object Document => new { items = Rows.Select(r => new { r.Site, customer = r.Customer, enrollments = r.Enrollments.Select(enrollmentHandler.Masked) }), total = Total, next = Next };

    public async Task<IActionResult> OnGetAsync()
    {
        var ct = HttpContext.RequestAborted;
        var shown = await sites.ShownAsync(Ui.Tenant, Ui.Sites(UserPermission.SeeSites), ct);
        if (Q?.Trim() is { Length: > 0 } wanted && await FindAsync(wanted, ct) is { } siteId && shown?.Contains(siteId) != false)
        {
            return Redirect($"/sites/{Uri.EscapeDataString(siteId)}");
        }

        var query = new ListQuery(PageSize, After, [.. Filter()], "name") { Sites = shown };
        var page = await sites.PageAsync(Ui.Tenant, query, ct);
        (Next, Total) = (page.Next, await sites.CountAsync(Ui.Tenant, query, ct));
        Customers = [.. (await customers.PageAsync(Ui.Tenant, new ListQuery(1_000, Sort: "name") { Sites = shown }, ct)).Items.Select(c => (c.Id, c.Name))];
        var names = Customers.ToDictionary(c => c.Id, c => c.Name, StringComparer.Ordinal);
        var rows = new List<SiteRow>();
        foreach (var site in page.Items)
        {
            rows.Add(new SiteRow(
                site, names.GetValueOrDefault(site.CustomerId) ?? Ui.T["none"], await enrollments.OfSiteAsync(Ui.Tenant, site.SiteId, ct), ConnectionLimit.Compute(site).ImportW));
        }

        Rows = rows;
        return Page();
    }

    internal string PageUrl(string? after) => QueryHelpers.AddQueryString(
        "/sites", new Dictionary<string, string?>(StringComparer.Ordinal) { ["q"] = Q, ["tag"] = Tag, ["customer"] = Customer, ["after"] = after }.Where(pair => pair.Value is not null));

    private IEnumerable<(string Field, string Value)> Filter()
    {
        if (!string.IsNullOrWhiteSpace(Q))
        {
            yield return ("name", Q.Trim());
        }

        if (!string.IsNullOrWhiteSpace(Tag))
        {
            yield return ("tags", Tag.Trim());
        }

        if (!string.IsNullOrWhiteSpace(Customer))
        {
            yield return ("customerId", Customer);
        }
    }

    /// <summary>The site whose id, or one of whose meters, is exactly this.</summary>
    private async Task<string?> FindAsync(string wanted, CancellationToken ct)
    {
        if (await sites.BySiteIdAsync(Ui.Tenant, wanted, ct) is { } site)
        {
            return site.SiteId;
        }

        foreach (var scheme in wanted.Any(char.IsAsciiDigit) ? Enum.GetValues<IdentifierScheme>() : [])
        {
            if (await meters.ByIdentifierAsync(Ui.Tenant, scheme, wanted, ct) is { } meter)
            {
                return meter.SiteId;
            }
        }

        return null;
    }
}
