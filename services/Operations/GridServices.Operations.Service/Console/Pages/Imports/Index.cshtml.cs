using System.Text;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Operations.Access;
using GridServices.Operations.Bulk;
using GridServices.Operations.Service.Import;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>Bulk files: checked first; then, by a second click, applied. How far each is, and at what rate.</summary>
[Needs(UserPermission.EditSites, WholeTenant = true)]
internal sealed class ImportsPage(PageUi ui, ImportStore imports, OperationsStore store, JobTrigger jobs) : FormPage(ui)
{
    private const int MostFile = 50 * 1024 * 1024;
    private const int MostShown = 50;

    internal IReadOnlyList<ImportItem> Items { get; private set; } = [];

    internal IEnumerable<(string Value, string Text)> Kinds => Enum.GetValues<BulkKind>().Select(kind => (EnumNames<BulkKind>.GetName(kind), Ui.T.Word("bulk", kind)));

    internal override object Document => new { items = Items };

    public async Task<IActionResult> OnGetAsync(string? template)
    {
        if (template is not null && EnumNames<BulkKind>.TryParse(template, out var kind))
        {
            return File(Encoding.UTF8.GetBytes(BulkTemplate.Write(kind)), "text/csv; charset=utf-8", $"{template}.csv");
        }

        Items = await imports.ListAsync(Ui.Tenant, null, MostShown, HttpContext.RequestAborted);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(IFormFile? file)
    {
        if (!EnumNames<BulkKind>.TryParse(Required("kind"), out var kind))
        {
            Errors["kind"] = Ui.T["field.required"];
        }

        if (file is null or { Length: 0 } or { Length: > MostFile })
        {
            Errors["file"] = Ui.T[file is { Length: > MostFile } ? "import.tooLarge" : "field.required"];
        }

        if (Errors.Count == 0)
        {
            using var reader = new StreamReader(file!.OpenReadStream(), Encoding.UTF8);
            var text = await reader.ReadToEndAsync(HttpContext.RequestAborted);
            if (await StartAsync(kind, file.FileName, text, dryRun: true) is { } id)
            {
                return Redirect($"/imports/{id}");
            }
        }

        return await OnGetAsync(null);
    }

    public async Task<IActionResult> OnPostApplyAsync(string id)
    {
        var held = await imports.FindAsync(Ui.Tenant, id, HttpContext.RequestAborted) ?? throw CreateNotFound("import", id);
        var kind = EnumNames<BulkKind>.TryParse(held.Kind, out var known) ? known : throw CreateNotFound("import", id);
        var started = await StartAsync(kind, held.FileName, await imports.TextAsync(Ui.Tenant, id, HttpContext.RequestAborted), dryRun: false);
        return started is null ? await OnGetAsync(null) : Redirect($"/imports/{started}");
    }

    public async Task<IActionResult> OnPostCancelAsync(string id)
    {
        _ = await imports.FindAsync(Ui.Tenant, id, HttpContext.RequestAborted) ?? throw CreateNotFound("import", id);
        await store.WriteAsync(Ui.Actor, transaction => ImportRunner.EndAsync(transaction, id, "cancelled"), HttpContext.RequestAborted);
        return Redirect("/imports");
    }

    /// <summary>Rows a second, and how long the rest takes at that rate.</summary>
    internal string? FormatRate(ImportItem item)
    {
        if (item is not { StartedAt: { } started, Done: > 0 } || ((item.EndedAt ?? Ui.Now) - started).TotalSeconds is not (> 0 and var seconds))
        {
            return null;
        }

        var rate = item.Done / seconds;
        var shown = Ui.T["import.rate", Ui.N.Count((long)Math.Ceiling(rate))];
        return item.EndedAt is not null ? shown : $"{shown}, {Ui.T["import.left", Ui.When.Length(Duration.FromSeconds((item.Total - item.Done) / rate))]}";
    }

    /// <returns>The import's id; null where the file can't be read, and then why is at its field.</returns>
    private async Task<string?> StartAsync(BulkKind kind, string fileName, string text, bool dryRun)
    {
        if (kind == BulkKind.OptPlans)
        {
            Ui.Actor.Require(UserPermission.Opt, AccessTarget.Tenant, Ui.Settings);
        }

        var file = new ImportFile(kind, fileName, text, dryRun);
        if (file.Faults.Count > 0)
        {
            Errors["file"] = string.Join("; ", file.Faults.Select(fault => $"{fault.Column} {fault.Message}".Trim()));
            return null;
        }

        var id = await store.WriteAsync(
            Ui.Actor,
            async transaction =>
            {
                transaction.AfterCommit(() => jobs.Run(ImportJob.Name));
                return (await imports.AddAsync(transaction, file)).Id;
            },
            HttpContext.RequestAborted);
        return id;
    }
}
