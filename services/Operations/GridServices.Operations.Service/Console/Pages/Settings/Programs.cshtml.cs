using System.Text;
using GridServices.Operations.Access;
using GridServices.Operations.Programs;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>The program templates that the tenant enrolls by.</summary>
[Needs(UserPermission.Administer)]
internal sealed class ProgramsPage(PageUi ui, ProgramStore programs) : ConsolePage(ui)
{
    internal IReadOnlyList<ProgramTemplate> Items { get; private set; } = [];

    internal override object Document => new { items = Items };

    /// <summary>Whether the newest version is one of the tenant's own.</summary>
    internal static bool IsOwn(ProgramTemplate template) => TemplateCatalog.Find(template.Code)?.Version != template.Version;

    public async Task OnGetAsync() => Items = await programs.ListAsync(Ui.Tenant, HttpContext.RequestAborted);
}

/// <summary>One template as JSON, to read and to upload a version of one's own from.</summary>
[Needs(UserPermission.Administer)]
internal sealed class ProgramTextPage(PageUi ui, ProgramStore programs, OperationsStore store) : FormPage(ui)
{
    internal ProgramTemplate? Held { get; private set; }

    internal string? Done { get; private set; }

    internal override object? Document => Held;

    public async Task OnGetAsync(string code)
    {
        await LoadAsync(code);
        if (Held is not null)
        {
            Initial["json"] = Encoding.UTF8.GetString(TemplateReader.Write(Held));
        }
    }

    public async Task OnPostAsync(string code)
    {
        await LoadAsync(code);
        var read = TemplateReader.Read(Encoding.UTF8.GetBytes(Required("json")));
        if (Errors.Count == 0 && read.Template is { } template)
        {
            await UploadAsync(template);
        }
        else if (Errors.Count == 0)
        {
            Errors["json"] = string.Join("; ", read.Refusals.Select(r => r.Path.Length == 0 ? r.Detail : $"{r.Path} {r.Detail}"));
        }
    }

    private async Task UploadAsync(ProgramTemplate template)
    {
        if (Held is not null && template.Code != Held.Code)
        {
            Errors["json"] = Ui.T["templates.otherCode", Held.Code];
        }
        else if (await store.WriteAsync(Ui.Actor, transaction => ProgramStore.PutAsync(transaction, template), HttpContext.RequestAborted))
        {
            (Held, Done) = (template, "saved");
        }
        else
        {
            Errors["json"] = Ui.T["templates.versionHeld", template.Version];
        }
    }

    private async Task LoadAsync(string code) =>
        Held = code == "new" ? null : await programs.FindAsync(Ui.Tenant, code, ct: HttpContext.RequestAborted) ?? throw CreateNotFound("program", code);
}
