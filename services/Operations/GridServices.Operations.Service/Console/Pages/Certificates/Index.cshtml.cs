using GridServices.Contracts;
using GridServices.Operations.Service.Certificates;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>All certificates: days left, what they are used for, requests, installing what came back, renewing.</summary>
[Needs(UserPermission.Administer)]
internal sealed class CertificatesPage(PageUi ui, CertificateStore store, CertificateCommands commands, CertificateFiles files, OperationsStore operations) : FormPage(ui)
{
    internal IReadOnlyList<Certificate> Items { get; private set; } = [];

    internal Dictionary<string, string> Requests { get; } = new(StringComparer.Ordinal);

    internal IReadOnlyList<string> Warnings { get; private set; } = [];

    internal override object Document => new { items = Items };

    internal static string Name(CertificateKind kind) => EnumNames<CertificateKind>.GetName(kind);

    public async Task OnGetAsync()
    {
        var ct = HttpContext.RequestAborted;
        Items = [.. (await store.PageAsync(Ui.Tenant, new ListQuery(1_000), ct)).Items.OrderBy(c => c.NotAfter ?? NodaTime.Instant.MaxValue)];
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
        var held = await store.OneAsync(Ui.Tenant, id, HttpContext.RequestAborted) ?? throw NoSuch("certificate", id);
        await TryAsync(async () => Warnings = (await operations.WriteAsync(Ui.Actor, transaction => commands.InstallAsync(transaction, held, pem ?? string.Empty), HttpContext.RequestAborted)).Warnings);
        if (Errors.Remove("pem", out var fault))
        {
            Errors[$"pem-{id}"] = fault;
        }

        await OnGetAsync();
    }

    public async Task<IActionResult> OnPostRenewAsync(string id)
    {
        var held = await store.OneAsync(Ui.Tenant, id, HttpContext.RequestAborted) ?? throw NoSuch("certificate", id);
        await operations.WriteAsync(Ui.Actor, transaction => commands.MakeAsync(transaction, new CertificateBody { Kind = held.Kind, Subject = held.Subject }, held), HttpContext.RequestAborted);
        return Redirect("/certificates");
    }
}
