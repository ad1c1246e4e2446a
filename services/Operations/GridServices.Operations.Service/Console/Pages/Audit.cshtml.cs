using GridServices.Operations.Access;
using GridServices.Operations.Audit;
using GridServices.Operations.Service.Audit;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>Every write, newest first; and whether the chain of all of them is as it was written.</summary>
[Needs(UserPermission.SeeRecords)]
internal sealed class AuditPage(PageUi ui, AuditLog log, SiteStore sites) : ConsolePage(ui)
{
    private const int PageSize = 100;

    [BindProperty(SupportsGet = true, Name = "actor")]
    public string? By { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Kind { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Site { get; set; }

    internal IReadOnlyList<AuditEntry> Entries { get; private set; } = [];

    internal long? Before { get; private set; }

    internal AuditVerdict? Verdict { get; private set; }

    internal override object Document => new { items = Entries, before = Before };

    public async Task OnGetAsync(long? before)
    {
        var ct = HttpContext.RequestAborted;
        var query = new AuditQuery(PageSize)
        {
            Actor = TrimOrNull(By),
            Kind = TrimOrNull(Kind),
            SiteId = TrimOrNull(Site),
            Before = before,
            Sites = await sites.ShownAsync(Ui.Tenant, Ui.Sites(UserPermission.SeeRecords), ct),
        };
        Entries = await log.ListAsync(Ui.Tenant, query, ct);
        Before = Entries.Count == PageSize ? Entries[^1].Sequence : null;
    }

    public async Task OnPostAsync()
    {
        Ui.Actor.Require(UserPermission.Administer, AccessTarget.Tenant, Ui.Settings);
        Verdict = await log.VerifyAsync(Ui.Tenant, HttpContext.RequestAborted);
        await OnGetAsync(null);
    }

    internal string PageUrl(long before) => QueryHelpers.AddQueryString(
        "/audit", new Dictionary<string, string?>(StringComparer.Ordinal) { ["actor"] = By, ["kind"] = Kind, ["site"] = Site, ["before"] = $"{before}" }.Where(pair => !string.IsNullOrEmpty(pair.Value)));

    private static string? TrimOrNull(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
