using GridServices.Contracts;
using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Certificates;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>A step of the wizard after the site is chosen. Each saves what it has, however much is missing; what is missing is listed, with the way to it.</summary>
[Needs(UserPermission.EditSites)]
internal sealed partial class EnrollStepPage(
    PageUi ui, EnrollmentStore enrollments, EnrollmentHandler handler, EnrollmentCommands commands, ProgramStore programs, SiteStore sites, MeterPointStore meters, ContactStore contacts,
    ContactHandler contactHandler, NominationStore nominations, NominationHandler nominationHandler, CertificateStore certificates, CertificateCommands certificateCommands, CertificateFiles certificateFiles,
    DoctorReports doctors, SignatureCommands signing, OperationsStore store) : FormPage(ui)
{
    private static readonly string[] Order = ["meters", "details", "identity", "sign"];
    private Site _site = null!;

    internal string Step { get; private set; } = "meters";

    internal Enrollment Held { get; private set; } = null!;

    internal ProgramTemplate Template { get; private set; } = null!;

    internal IReadOnlyList<MeterPoint> Meters { get; private set; } = [];

    internal IReadOnlyList<NominationDue> Nominations { get; private set; } = [];

    internal IReadOnlyList<Certificate> Certificates { get; private set; } = [];

    internal IReadOnlyList<Contact> Contacts { get; private set; } = [];

    internal string? Csr { get; private set; }

    internal IReadOnlyList<DoctorLine> Doctor { get; private set; } = [];

    internal bool CallsByWire => Template.Protocol is ProgramProtocol.OpenAdr20b or ProgramProtocol.Ieee2030Dot5;

    internal IEnumerable<(string Value, string Text)> Policies => Enum.GetValues<OptPolicy>().Select(p => (EnumNames<OptPolicy>.GetName(p), Ui.T.Word("optPolicy", p)));

    internal IEnumerable<(string Value, string Text)> Signers => Contacts.Where(c => c.Role == ContactRole.AuthorizedSigner).Select(c => (c.Id, $"{c.Name}, {c.Email}"));

    internal IReadOnlyList<RequiredAction> OpenHere => [.. Held.RequiredActions.Where(a => WizardSteps.Find(a) == Step)];

    public async Task OnGetAsync(string id, string step)
    {
        await LoadAsync(id, step);
        Fill();
    }

    public async Task<IActionResult> OnPostAsync(string id, string step, string? go, string? make)
    {
        await LoadAsync(id, step);
        Fill();
        if (make is not null)
        {
            return await MakeCertificateAsync();
        }

        var saved = await TryAsync(SaveAsync);
        if (!saved)
        {
            return Page();
        }

        if (go == "ask" && !await AskAsync())
        {
            return Page();
        }

        if (go == "submit")
        {
            await store.WriteAsync(Ui.Actor, transaction => commands.CommandAsync(transaction, Held, new LifecycleCommand(CommandKind.Submit)), HttpContext.RequestAborted);
        }

        return Redirect(go switch
        {
            "submit" or "leave" or "ask" => $"/enrollments/{Held.Id}",
            _ when step == "sign" => $"/enroll/{Held.Id}/sign",
            _ => $"/enroll/{Held.Id}/{Order[Array.IndexOf(Order, step) + 1]}",
        });
    }

    private async Task LoadAsync(string id, string step)
    {
        var ct = HttpContext.RequestAborted;
        Step = step;
        Held = await enrollments.FindAsync(Ui.Tenant, id, ct) ?? throw CreateNotFound("enrollment", id);
        _site = await sites.FindBySiteIdAsync(Ui.Tenant, Held.SiteId, ct) ?? throw CreateNotFound("site", Held.SiteId);
        Ui.Actor.Require(UserPermission.EditSites, AccessTarget.From(_site), Ui.Settings);
        Template = await programs.FindAsync(Ui.Tenant, Held.Template.Code, Held.Template.Version, ct) ?? throw CreateNotFound("program", Held.Template.Code);
        switch (step)
        {
            case "meters":
                Meters = await meters.ListBySiteAsync(Ui.Tenant, Held.SiteId, ct);
                break;
            case "details":
                Nominations = NominationCalendar.Due(Held, Template, await nominations.ListByEnrollmentAsync(Ui.Tenant, id, ct), Ui.Now);
                break;
            case "identity":
                await LoadIdentityAsync(ct);
                break;
            default:
                Contacts = await contacts.ListByCustomerAsync(Ui.Tenant, _site.CustomerId, ct);
                break;
        }
    }

    private void Fill()
    {
        Initial["period.from"] = LocalDatePattern.Iso.Format(Held.Period.From);
        Initial["period.until"] = Held.Period.Until is { } last ? LocalDatePattern.Iso.Format(last) : null;
        Initial["optPolicy"] = EnumNames<OptPolicy>.GetName(Held.OptPolicy);
        foreach (var due in Nominations)
        {
            Initial[$"nomination.{due.DeliveryPeriod}"] = InNumber(due.Existing?.Kw);
        }

        FillIdentity();
        Initial["consent.contactId"] = Held.Consent?.ContactId;
        Initial["consent.signedAt"] = Held.Consent is { } consent ? LocalDatePattern.Iso.Format(consent.SignedAt.InZone(Zone).Date) : null;
        Initial["consent.until"] = Held.Consent?.Until is { } end ? LocalDatePattern.Iso.Format(end) : null;
    }

    private DateTimeZone Zone => DateTimeZoneProviders.Tzdb[_site.TimeZone];

    private Task SaveAsync() => Step switch
    {
        "meters" => SaveMetersAsync(),
        "details" => SaveDetailsAsync(),
        "identity" => SaveIdentityAsync(),
        _ => SaveConsentAsync(),
    };

    private Task SaveIdentityAsync()
    {
        var identity = ReadIdentity();
        return ChangeAsync(body => body with { Identity = identity });
    }

    private Task SaveMetersAsync()
    {
        var (from, until) = (Date("period.from") ?? Held.Period.From, Date("period.until"));
        var policy = EnumNames<OptPolicy>.TryParse(Text("optPolicy") ?? string.Empty, out var chosen) ? chosen : Held.OptPolicy;
        return ChangeAsync(body => body with
        {
            MeterPointIds = [.. Request.Form["meter"].OfType<string>()],
            Period = new DatePeriod { From = from, Until = until },
            OptPolicy = policy,
        });
    }

    /// <summary>Writes the change on what is stored now; the page showed this version, or says so.</summary>
    private async Task ChangeAsync(Func<EnrollmentBody, EnrollmentBody> change)
    {
        if (Errors.Count > 0)
        {
            return;
        }

        if (Text("version") != Held.Version.ToString(System.Globalization.CultureInfo.InvariantCulture))
        {
            Errors["form"] = Ui.T["enroll.changedMeanwhile", Held.Updated.By];
            return;
        }

        Held = await store.WriteAsync(Ui.Actor, transaction => handler.ChangeAsync(transaction, Held, change(handler.ToBody(Held))), HttpContext.RequestAborted);
    }
}
