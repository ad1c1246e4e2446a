using System.Globalization;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Certificates;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>Certificates, the most urgent first: days left, what they are used for, requests, installing what came back, renewing, removing.</summary>
[Needs(UserPermission.Administer)]
internal sealed class CertificatesPage(PageUi ui, CertificateStore store, CertificateUses uses, CertificateCommands commands, CertificateFiles files, OperationsStore operations) : FormPage(ui)
{
    internal const int MostShown = 10;
    private const int PageSize = 50;

    [BindProperty(SupportsGet = true)]
    public string? State { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? After { get; set; }

    internal IReadOnlyList<Certificate> Items { get; private set; } = [];

    internal string? Next { get; private set; }

    internal Dictionary<string, string> Requests { get; } = new(StringComparer.Ordinal);

    internal IReadOnlyList<string> Warnings { get; private set; } = [];

    internal override object Document => new { items = Items, next = Next };

    internal static string Name(CertificateKind kind) => EnumNames<CertificateKind>.GetName(kind);

    internal static string Name(CertificateState state) => EnumNames<CertificateState>.GetName(state);

    internal string PageUrl(string? after) => QueryHelpers.AddQueryString(
        "/certificates", new Dictionary<string, string?>(StringComparer.Ordinal) { ["state"] = State, ["after"] = after }.Where(pair => !string.IsNullOrEmpty(pair.Value)));

    public async Task OnGetAsync()
    {
        var ct = HttpContext.RequestAborted;
        var skip = int.TryParse(After, NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset : 0;
        var found = await store.ListMostUrgentAsync(Ui.Tenant, EnumNames<CertificateState>.TryParse(State ?? string.Empty, out var state) ? state : null, skip, PageSize + 1, ct);
        Next = found.Count > PageSize ? (skip + PageSize).ToString(CultureInfo.InvariantCulture) : null;
        Items = await uses.WithUsesAsync(Ui.Tenant, [.. found.Take(PageSize)], ct);
        foreach (var item in Items.Where(c => c.State is CertificateState.CsrMade or CertificateState.Sent))
        {
            if (await files.RequestTextAsync(Ui.Tenant, item.Id, ct) is { } csr)
            {
                Requests[item.Id] = csr;
            }
        }
    }

    public async Task OnPostInstallAsync(string id, string? pem)
    {
        var held = await RequireAsync(id);
        await TryAsync(async () => Warnings = (await operations.WriteAsync(Ui.Actor, transaction => commands.InstallAsync(transaction, held, pem ?? string.Empty), HttpContext.RequestAborted)).Warnings);
        if (Errors.Remove("pem", out var fault))
        {
            Errors[$"pem-{id}"] = fault;
        }

        await OnGetAsync();
    }

    public async Task<IActionResult> OnPostRenewAsync(string id)
    {
        var held = await RequireAsync(id);
        await operations.WriteAsync(Ui.Actor, transaction => commands.CreateAsync(transaction, new CertificateBody { Kind = held.Kind, Subject = held.Subject }, held), HttpContext.RequestAborted);
        return Redirect("/certificates");
    }

    public async Task<IActionResult> OnPostRemoveAsync(string id)
    {
        var held = await RequireAsync(id);
        try
        {
            await operations.WriteAsync(Ui.Actor, transaction => commands.RemoveAsync(transaction, held), HttpContext.RequestAborted);
            return Redirect("/certificates");
        }
        catch (ProblemException refused) when (refused.Problem.Status is StatusCodes.Status409Conflict or StatusCodes.Status412PreconditionFailed)
        {
            Errors[$"c-{id}"] = refused.Problem.Detail ?? refused.Problem.Title;
        }

        await OnGetAsync();
        return Page();
    }

    private async Task<Certificate> RequireAsync(string id) => await store.FindAsync(Ui.Tenant, id, HttpContext.RequestAborted) ?? throw CreateNotFound("certificate", id);
}
