using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Operations.Access;
using GridServices.Operations.Service.Export;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>Files over a range of days: asked for, made by a job, kept for thirty days. Personal data is masked in them.</summary>
[Needs(UserPermission.SeeRecords, WholeTenant = true)]
internal sealed class ExportsPage(PageUi ui, ExportStore exports, OperationsStore store, JobTrigger jobs) : FormPage(ui)
{
    private const int PageSize = 50;
    private const int AtMost = 1_000;

    internal IReadOnlyList<ExportItem> Items { get; private set; } = [];

    internal string? Next { get; private set; }

    /// <summary>One kind only; null = all.</summary>
    internal string? Only { get; private set; }

    internal IReadOnlyList<(string Value, string Text)> Kinds => [.. Enum.GetValues<ExportKind>().Select(kind => (EnumNames<ExportKind>.GetName(kind), Ui.T.Word("exportKind", kind)))];

    internal override object Document => new { items = Items, next = Next };

    public async Task OnGetAsync(string? only, string? after)
    {
        Only = string.IsNullOrEmpty(only) ? null : only;
        var found = await exports.ListAsync(Ui.Tenant, after, Only is null ? PageSize + 1 : AtMost, HttpContext.RequestAborted);
        var shown = found.Where(i => Only is null || i.Kind == Only).ToList();
        Next = shown.Count > PageSize ? shown[PageSize - 1].Id : null;
        Items = [.. shown.Take(PageSize)];
        Initial["format"] = "csv";
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (!EnumNames<ExportKind>.TryParse(Required("kind"), out var kind) && Errors.Count == 0)
        {
            Errors["kind"] = Ui.T["field.required"];
        }

        var format = EnumNames<ExportFormat>.TryParse(Text("format") ?? "csv", out var known) ? known : ExportFormat.Csv;
        _ = (Required("from"), Required("until"));
        var (from, until) = (Date("from"), Date("until"));
        if (from > until)
        {
            Errors["until"] = Ui.T["export.order"];
        }

        if (Errors.Count > 0)
        {
            await OnGetAsync(null, null);
            return Page();
        }

        var zone = Ui.When.Zone(null);
        var span = new Interval(zone.AtStartOfDay(from!.Value).ToInstant(), zone.AtStartOfDay(until!.Value.PlusDays(1)).ToInstant());
        await store.WriteAsync(
            Ui.Actor,
            async transaction =>
            {
                await ExportStore.AddAsync(transaction, kind, format, span);
                transaction.AfterCommit(() => jobs.Run(ExportJob.Name));
            },
            HttpContext.RequestAborted);
        return Redirect("/exports");
    }
}
