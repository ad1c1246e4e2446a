using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
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
        Held = await enrollments.FindAsync(Ui.Tenant, id, ct) ?? throw CreateNotFound("enrollment", id);
        var site = await sites.FindBySiteIdAsync(Ui.Tenant, Held.SiteId, ct);
        if (site is null || !Ui.May(UserPermission.SeeRecords, AccessTarget.From(site)))
        {
            throw CreateNotFound("enrollment", id);
        }

        Read = await messages.ReadAsync(Held, s => Ui.May(UserPermission.SeeRecords, AccessTarget.From(s)), ct);
    }
}
