using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>The raw messages of both protocols for one enrollment, each with its SHA-256.</summary>
[Needs(UserPermission.SeeRecords)]
internal sealed class RawMessagesPage(PageUi ui, EnrollmentStore enrollments, SiteStore sites, RawMessages messages) : ConsolePage(ui)
{
    internal Enrollment Held { get; private set; } = null!;

    internal RawMessagePage Read { get; private set; } = new([], []);

    internal override object Document => new { items = Read.Items, unread = Read.Unread };

    public async Task OnGetAsync(string id)
    {
        var ct = HttpContext.RequestAborted;
        Held = await enrollments.OneAsync(Ui.Tenant, id, ct) ?? throw NoSuch("enrollment", id);
        var site = await sites.BySiteIdAsync(Ui.Tenant, Held.SiteId, ct);
        if (site is null || !Ui.May(UserPermission.SeeRecords, AccessTarget.From(site)))
        {
            throw NoSuch("enrollment", id);
        }

        Read = await messages.OfAsync(Held, s => Ui.May(UserPermission.SeeRecords, AccessTarget.From(s)), ct);
    }
}
