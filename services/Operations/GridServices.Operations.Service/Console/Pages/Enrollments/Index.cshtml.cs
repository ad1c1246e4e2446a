using GridServices.Contracts;
using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>Enrollments with their state and lamps, a page at a time.</summary>
[Needs(UserPermission.SeeSites)]
internal sealed class EnrollmentsPage(PageUi ui, EnrollmentStore enrollments, EnrollmentStatusReader status, EnrollmentHandler handler, SiteStore sites) : ConsolePage(ui)
{
    private const int PageSize = 50;

    [BindProperty(SupportsGet = true)]
    public string? State { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Program { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Attention { get; set; }

    /// <summary>The id of the certificate that they identify themselves by.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Certificate { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? After { get; set; }

    internal IReadOnlyList<(Enrollment Item, Lamps Lamps)> Items { get; private set; } = [];

    internal string? Next { get; private set; }

    internal override object Document => new { items = Items.Select(i => new { enrollment = handler.Mask(i.Item), lamps = i.Lamps }), next = Next };

    internal static string Name(EnrollmentState state) => EnumNames<EnrollmentState>.GetName(state);

    public async Task OnGetAsync()
    {
        var ct = HttpContext.RequestAborted;
        var shown = await sites.ShownAsync(Ui.Tenant, Ui.Sites(UserPermission.SeeSites), ct);
        (string, string?)[] filter = [("state", State), ("program", Program?.Trim()), ("attention", Attention), ("certificateId", Certificate)];
        var page = await enrollments.PageAsync(
            Ui.Tenant, new ListQuery(PageSize, After, [.. filter.Where(f => !string.IsNullOrEmpty(f.Item2)).Select(f => (f.Item1, f.Item2!))]) { Sites = shown }, ct);
        Next = page.Next;
        Items = [.. page.Items.Zip(await status.LampsAsync(Ui.Tenant, page.Items, ct))];
    }

    internal string PageUrl(string after) => QueryHelpers.AddQueryString(
        "/enrollments", new Dictionary<string, string?>(StringComparer.Ordinal) { ["state"] = State, ["program"] = Program, ["attention"] = Attention, ["certificate"] = Certificate, ["after"] = after }.Where(pair => !string.IsNullOrEmpty(pair.Value)));
}
