using GridServices.Operations.Access;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Api;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using NodaTime.Text;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>The tenant's rules: two persons, reasons that are offered, how people are told, how long records are kept.</summary>
[Needs(UserPermission.Administer)]
internal sealed class RulesPage(PageUi ui, SettingsStore settings, SettingsCommands commands, OperationsStore store) : FormPage(ui)
{
    private static readonly LocalTimePattern Minute = LocalTimePattern.CreateWithInvariantCulture("HH:mm");

    internal TenantSettings Tenant { get; private set; } = new();

    internal string? Done { get; private set; }

    internal override object Document => SettingsBody.From(Tenant);

    internal bool IsChecked(string field, bool held) => HttpMethods.IsPost(Request.Method) ? Request.Form[field] == "true" : held;

    internal bool IsOffered(OptReason reason) =>
        HttpMethods.IsPost(Request.Method) ? Request.Form["reason"].Contains(reason.ToString()) : Tenant.OptReasons.Count == 0 || Tenant.OptReasons.Contains(reason);

    public async Task OnGetAsync(string? done)
    {
        await LoadAsync();
        Done = done;
    }

    public async Task<IActionResult> OnPostAsync(int version)
    {
        await LoadAsync();
        var offered = Enum.GetValues<OptReason>().Where(IsOffered).ToList();
        var body = SettingsBody.From(Tenant) with
        {
            TwoPersonRule = IsChecked("twoPersonRule", false),
            TwoPersonOptOutSites = ReadInteger("twoPersonOptOutSites"),
            AuditYears = ReadInteger("auditYears"),
            DeliveryDays = ReadInteger("deliveryDays"),
            AcknowledgeMinutes = ReadInteger("acknowledgeMinutes"),
            DigestAt = Time("digestAt"),
            OptReasons = offered.Count == Enum.GetValues<OptReason>().Length ? [] : offered,
        };
        if (offered.Count == 0)
        {
            Errors["reason"] = Ui.T["rules.reasonNeeded"];
        }

        return await TryAsync(async () =>
        {
            body.Check();
            await store.WriteAsync(Ui.Actor, transaction => commands.SaveAsync(transaction, body.Apply(Tenant) with { Version = version }), HttpContext.RequestAborted);
        }) ? Redirect("/settings/rules?done=saved") : Page();
    }

    private int ReadInteger(string field)
    {
        Required(field);
        var number = Number(field);
        if (number is { } whole && whole == decimal.Truncate(whole) && Math.Abs(whole) <= int.MaxValue)
        {
            return (int)whole;
        }

        Errors.TryAdd(field, Ui.T["field.number"]);
        return 0;
    }

    private NodaTime.LocalTime? Time(string field)
    {
        if (Text(field) is not { } text)
        {
            return null;
        }

        var parsed = Minute.Parse(text);
        if (!parsed.Success)
        {
            Errors[field] = Ui.T["field.time"];
        }

        return parsed.Success ? parsed.Value : null;
    }

    private async Task LoadAsync()
    {
        Tenant = await settings.GetAsync(Ui.Tenant, HttpContext.RequestAborted);
        (Initial["twoPersonOptOutSites"], Initial["auditYears"]) = (InNumber(Tenant.TwoPerson.OptOutSites), InNumber(Tenant.AuditYears));
        (Initial["deliveryDays"], Initial["acknowledgeMinutes"]) = (InNumber(Tenant.DeliveryDays), InNumber(Tenant.AcknowledgeMinutes));
        Initial["digestAt"] = Tenant.DigestAt is { } at ? Minute.Format(at) : null;
    }
}
