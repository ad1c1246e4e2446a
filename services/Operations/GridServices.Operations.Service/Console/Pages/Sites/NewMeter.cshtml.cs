using GridServices.Contracts;
using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.SignIn;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>A meter point of a site; its number's check digits are tried at once.</summary>
[Needs(UserPermission.EditSites)]
internal sealed class NewMeterPage(PageUi ui, SiteStore sites, MeterPointHandler handler, OperationsStore store) : FormPage(ui)
{
    internal Site Site { get; private set; } = null!;

    internal string Back { get; private set; } = "/";

    internal static IEnumerable<(string Value, string Text)> Schemes =>
        Enum.GetValues<IdentifierScheme>().Select(scheme => (EnumNames<IdentifierScheme>.GetName(scheme), EnumNames<IdentifierScheme>.GetName(scheme)));

    internal IEnumerable<(string Value, string Text)> Kinds => Enum.GetValues<MeterKind>().Select(kind => (EnumNames<MeterKind>.GetName(kind), Ui.T.Word("meterKind", kind)));

    public async Task OnGetAsync(string siteId, string? back)
    {
        await LoadAsync(siteId, back);
        Initial["kind"] = EnumNames<MeterKind>.GetName(MeterKind.Utility);
        Initial["intervalMinutes"] = "15";
    }

    public async Task<IActionResult> OnPostAsync(string siteId, string? back)
    {
        await LoadAsync(siteId, back);
        var interval = Number("intervalMinutes");
        if (interval is { } minutes && minutes != decimal.Truncate(minutes))
        {
            Errors["intervalMinutes"] = Ui.T["field.number"];
        }

        var body = new MeterPointBody
        {
            SiteId = siteId,
            Kind = EnumNames<MeterKind>.TryParse(Required("kind"), out var kind) ? kind : MeterKind.Utility,
            Scheme = EnumNames<IdentifierScheme>.TryParse(Required("scheme"), out var scheme) ? scheme : IdentifierScheme.Other,
            Identifier = Required("identifier"),
            AccountNo = Text("accountNo"),
            MeterNo = Text("meterNo"),
            TariffMeterId = Text("tariffMeterId"),
            IntervalMinutes = interval is null ? null : (int)Math.Clamp(interval.Value, 0, 100_000),
        };
        var done = await TryAsync(() => store.WriteAsync(Ui.Actor, transaction => handler.CreateAsync(transaction, body), HttpContext.RequestAborted));
        return done ? Redirect(Back) : Page();
    }

    private async Task LoadAsync(string siteId, string? back)
    {
        Site = await sites.FindBySiteIdAsync(Ui.Tenant, siteId, HttpContext.RequestAborted) ?? throw CreateNotFound("site", siteId);
        Ui.Actor.Require(UserPermission.EditSites, AccessTarget.From(Site), Ui.Settings);
        Back = OpenIdProvider.LocalPath(back ?? $"/sites/{Uri.EscapeDataString(siteId)}?tab=meters");
    }
}
