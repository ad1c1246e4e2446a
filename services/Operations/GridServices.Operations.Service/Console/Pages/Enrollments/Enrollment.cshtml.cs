using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Opt;
using GridServices.Operations.Programs;
using GridServices.Operations.Service.Console.Format;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Readiness;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>One enrollment: state and lamps, what is open, what is written at the services, and what may be done from here.</summary>
[Needs(UserPermission.SeeSites)]
internal sealed partial class EnrollmentPage(
    PageUi ui, EnrollmentStore enrollments, EnrollmentStatusReader reader, EnrollmentActions actions, EnrollmentHandler handler, ProgramStore programs, SiteStore sites, OptScheduleStore schedules, DriftCommands drift, EnrollmentFactsReader facts,
    SignatureStore signatures, SignatureCommands signing, NotificationStore notifications, ContactStore contacts, ContactHandler contactHandler, TestLimits tests, OperationsStore store) : FormPage(ui)
{
    private static readonly CommandKind[] ByPeople =
    [
        CommandKind.Submit, CommandKind.Review, CommandKind.Accept, CommandKind.Provision, CommandKind.OverrideTest, CommandKind.Resume, CommandKind.Reopen,
        CommandKind.Reject, CommandKind.Suspend, CommandKind.End, CommandKind.Withdraw,
    ];

    internal Enrollment Held { get; private set; } = null!;

    internal ProgramTemplate Template { get; private set; } = null!;

    internal EnrollmentStatus Status { get; private set; } = null!;

    internal bool MayEdit { get; private set; }

    internal bool MaySeeMessages { get; private set; }

    /// <summary>The utility's number, whole for who may see personal data.</summary>
    internal string? Reference { get; private set; }

    internal DateTimeZone? Zone { get; private set; }

    internal ApprovalItem? Waits { get; private set; }

    /// <summary>Opt plans as the utility was told them before any event.</summary>
    internal IReadOnlyList<OptSchedule> Schedules { get; private set; } = [];

    internal (EnrollmentState State, LocalDate? Starts) Told => Lifecycle.GetDisplayState(Held, Ui.Now.InZone(DateTimeZoneProviders.Tzdb[Template.TimeZone]).Date);

    /// <summary>What may be asked for in this state; the first is the way on.</summary>
    internal IReadOnlyList<CommandKind> Commands => [.. ByPeople.Where(command => Lifecycle.Next(Held.State, command) is not null)];

    internal override object Document => new { enrollment = handler.Mask(Held), status = Status };

    /// <summary>A value of a document as it may be shown: a PIN is none of a page's business.</summary>
    internal string Shown(string pointer, string? value) => value is null ? Ui.T["none"] : pointer.EndsWith("/pin", StringComparison.OrdinalIgnoreCase) ? "…" : value;

    internal static bool TakesAway(CommandKind command) => command is CommandKind.Reject or CommandKind.Suspend or CommandKind.End or CommandKind.Withdraw;

    /// <summary>The wizard's step that has the field.</summary>
    internal static string GetStep(string pointer) =>
        pointer.StartsWith("/identity", StringComparison.Ordinal) ? "identity" : pointer.StartsWith("/answers", StringComparison.Ordinal) ? "details" : "meters";

    public Task OnGetAsync(string id) => LoadAsync(id);

    public async Task<IActionResult> OnPostAsync(string id, string? command, int version)
    {
        await LoadAsync(id);
        RequireEdit();
        if (Held.Version != version)
        {
            Errors["form"] = Ui.T["enroll.changedMeanwhile", Held.Updated.By];
            return Page();
        }

        if (!EnumNames<CommandKind>.TryParse(char.ToLowerInvariant((command ?? " ")[0]) + (command ?? " ")[1..], out var kind) || !Commands.Contains(kind))
        {
            return Redirect($"/enrollments/{id}");
        }

        try
        {
            var (_, waits) = await store.WriteAsync(Ui.Actor, transaction => actions.ExecuteAsync(transaction, Held, new LifecycleCommand(kind, Text("reason"), Text("reference"))), HttpContext.RequestAborted);
            Waits = waits;
        }
        catch (ProblemException refused) when (refused.Problem.Status == StatusCodes.Status409Conflict)
        {
            Errors["reason"] = refused.Problem.Detail ?? refused.Problem.Title;
        }

        if (Errors.Count == 0 && Waits is null)
        {
            return Redirect($"/enrollments/{id}");
        }

        await LoadAsync(id);
        return Page();
    }

    /// <summary>What is still lacking in test, and what came of the last test.</summary>
    internal IReadOnlyList<RequiredAction> Lacking { get; private set; } = [];

    internal bool IsTested { get; private set; }

    public async Task<IActionResult> OnPostTestAsync(string id)
    {
        await LoadAsync(id);
        RequireEdit();
        try
        {
            await store.WriteAsync(Ui.Actor, transaction => tests.StartAsync(transaction, Held), HttpContext.RequestAborted);
            return Redirect($"/enrollments/{id}#readiness");
        }
        catch (ProblemException refused) when (refused.Problem.Status == StatusCodes.Status409Conflict)
        {
            Errors["form"] = refused.Problem.Detail ?? refused.Problem.Title;
            return Page();
        }
    }

    public Task<IActionResult> OnPostRestoreAsync(string id) => DecideAsync(id, drift.RestoreAsync);

    public Task<IActionResult> OnPostTakeOverAsync(string id) => DecideAsync(id, drift.TakeOverAsync);

    private async Task<IActionResult> DecideAsync(string id, Func<Actor, Enrollment, CancellationToken, Task> decide)
    {
        await LoadAsync(id);
        RequireEdit();
        await decide(Ui.Actor, Held, HttpContext.RequestAborted);
        return Redirect($"/enrollments/{id}");
    }

    private void RequireEdit()
    {
        if (!MayEdit)
        {
            throw new ProblemException(ErrorClass.AuthzRole, Ui.T["problem.notAllowed"]);
        }
    }

    private async Task LoadAsync(string id)
    {
        var ct = HttpContext.RequestAborted;
        Held = await enrollments.FindAsync(Ui.Tenant, id, ct) ?? throw CreateNotFound("enrollment", id);
        var site = await sites.FindBySiteIdAsync(Ui.Tenant, Held.SiteId, ct);
        var target = site is null ? AccessTarget.Tenant : AccessTarget.From(site);
        if (!Ui.May(UserPermission.SeeSites, target))
        {
            throw CreateNotFound("enrollment", id);
        }

        Reference = Ui.May(UserPermission.SeePersonalData, target) ? Held.UtilityReference : handler.Mask(Held).UtilityReference;
        (MayEdit, Zone) = (Ui.May(UserPermission.EditSites, target), Times.Find(site?.TimeZone));
        MaySeeMessages = site is not null && Ui.May(UserPermission.SeeRecords, target);
        Template = await programs.FindAsync(Ui.Tenant, Held.Template.Code, Held.Template.Version, ct) ?? throw CreateNotFound("program", Held.Template.Code);
        Status = await reader.ReadAsync(Held, ct);
        Schedules = await schedules.ListByEnrollmentAsync(Ui.Tenant, Held.Id, ct);
        await LoadSignatureAsync(site, ct);
        if (Held is { State: EnrollmentState.Testing, TestedAt: null })
        {
            Lacking = Operations.Enrollments.Readiness.Missing(Held, await store.Store.SnapshotAsync(tx => facts.ReadAsync(tx, Held), ct), Ui.Now);
            IsTested = await tests.IsWaitingAsync(Ui.Tenant, Held.Id, ct);
        }
    }
}
