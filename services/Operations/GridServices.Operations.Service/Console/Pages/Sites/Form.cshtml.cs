using GridServices.Contracts;
using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>A new site, or the change of one. Who saves second sees what the first one changed, and decides.</summary>
[Needs(UserPermission.EditSites)]
internal sealed class SiteFormPage(PageUi ui, SiteHandler handler, SiteStore sites, CustomerStore customers, OperationsStore store) : FormPage(ui)
{
    internal Site? Held { get; private set; }

    internal IReadOnlyList<(string Value, string Text)> CustomerChoices { get; private set; } = [];

    internal List<(string Field, string Theirs, string Yours)> Conflicts { get; } = [];

    internal IEnumerable<(string Value, string Text)> Wirings => GetOptions<PhaseWiring>("wiring");

    internal IEnumerable<(string Value, string Text)> Codes => GetOptions<InstallationCode>("code");

    public async Task OnGetAsync([FromRoute] string? siteId, string? customer)
    {
        await LoadAsync(siteId);
        if (Held is null)
        {
            Initial["customerId"] = customer;
        }
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] string? siteId, int version)
    {
        await LoadAsync(siteId);
        var body = ReadBody();
        if (Held is not null && Held.Version != version)
        {
            Compare();
            return Page();
        }

        Site? saved = null;
        var done = await TryAsync(async () => saved = await store.WriteAsync(
            Ui.Actor, transaction => Held is null ? handler.CreateAsync(transaction, body) : handler.ChangeAsync(transaction, Held, body), HttpContext.RequestAborted));
        return done ? Redirect($"/sites/{Uri.EscapeDataString(saved!.SiteId)}") : Page();
    }

    private async Task LoadAsync(string? siteId)
    {
        var ct = HttpContext.RequestAborted;
        var page = await customers.PageAsync(Ui.Tenant, new ListQuery(1_000, Sort: "name"), ct);
        CustomerChoices = [.. page.Items.Select(c => (c.Id, c.Name))];
        if (siteId is null)
        {
            Ui.Actor.Require(UserPermission.EditSites, AccessTarget.Tenant, Ui.Settings);
            return;
        }

        Held = await sites.FindBySiteIdAsync(Ui.Tenant, siteId, ct) ?? throw CreateNotFound("site", siteId);
        Ui.Actor.Require(UserPermission.EditSites, AccessTarget.From(Held), Ui.Settings);
        Fill(Held);
    }

    private void Fill(Site site)
    {
        var (address, connection) = (site.Address, site.Connection);
        Initial["customerId"] = site.CustomerId;
        Initial["siteId"] = site.SiteId;
        Initial["name"] = site.Name;
        Initial["tags"] = string.Join(' ', site.Tags);
        Initial["timeZone"] = site.TimeZone;
        (Initial["address.line1"], Initial["address.line2"], Initial["address.city"]) = (address.Line1, address.Line2, address.City);
        (Initial["address.region"], Initial["address.postcode"], Initial["address.country"]) = (address.Region, address.Postcode, address.Country);
        (Initial["geo.latitude"], Initial["geo.longitude"]) = (InNumber(site.Geo?.Latitude), InNumber(site.Geo?.Longitude));
        Initial["connection.ratingA"] = InNumber(connection.RatingA);
        Initial["connection.voltageV"] = InNumber(connection.VoltageV);
        Initial["connection.wiring"] = connection.Wiring is { } wiring ? EnumNames<PhaseWiring>.GetName(wiring) : null;
        Initial["connection.code"] = connection.Code is { } code ? EnumNames<InstallationCode>.GetName(code) : null;
        Initial["connection.energyManagement"] = connection.EnergyManagement?.Listing;
        Initial["connection.energyManagement.setpointA"] = InNumber(connection.EnergyManagement?.SetpointA);
        Initial["connection.importMaxW"] = InKilowatts(connection.ImportMaxW);
        Initial["connection.exportMaxW"] = InKilowatts(connection.ExportMaxW);
        Initial["criticalLoadW"] = InKilowatts(site.CriticalLoadW);
    }

    private SiteBody ReadBody() => new()
    {
        SiteId = Held?.SiteId ?? Required("siteId"),
        CustomerId = Required("customerId"),
        Name = Required("name"),
        Tags = (Text("tags") ?? string.Empty).Split([' ', ','], StringSplitOptions.RemoveEmptyEntries),
        TimeZone = Required("timeZone"),
        Address = new AddressBody
        {
            Line1 = Required("address.line1"),
            Line2 = Text("address.line2"),
            City = Required("address.city"),
            Region = Text("address.region"),
            Postcode = Required("address.postcode"),
            Country = Required("address.country").ToUpperInvariant(),
        },
        Geo = ReadGeo(),
        ExternalRefs = Held?.ExternalRefs ?? [],
        CriticalLoadW = Watts("criticalLoadW"),
        Connection = new SiteConnection
        {
            RatingA = Number("connection.ratingA"),
            VoltageV = Number("connection.voltageV"),
            Wiring = EnumNames<PhaseWiring>.TryParse(Text("connection.wiring") ?? string.Empty, out var wiring) ? wiring : null,
            Code = EnumNames<InstallationCode>.TryParse(Text("connection.code") ?? string.Empty, out var code) ? code : null,
            EnergyManagement = Text("connection.energyManagement") is { } listing ? new ListedEnergyManagement(listing, Number("connection.energyManagement.setpointA")) : null,
            ImportMaxW = Watts("connection.importMaxW"),
            ExportMaxW = Watts("connection.exportMaxW"),
        },
    };

    /// <summary>Both or none: half a place is none.</summary>
    private GeoPoint? ReadGeo()
    {
        var (latitude, longitude) = (Degrees("geo.latitude", 90), Degrees("geo.longitude", 180));
        if (latitude is { } north && longitude is { } east)
        {
            return new GeoPoint(north, east);
        }

        if (Text("geo.latitude") is null != Text("geo.longitude") is null)
        {
            Errors[latitude is null ? "geo.latitude" : "geo.longitude"] = Ui.T["site.bothCoordinates"];
        }

        return null;
    }

    private decimal? Degrees(string field, decimal most)
    {
        var degrees = Number(field);
        if (degrees is { } d && Math.Abs(d) > most)
        {
            Errors[field] = Ui.T["site.degrees", Ui.N.Plain(most)];
        }

        return degrees;
    }

    /// <summary>What is stored now against what was sent, field by field.</summary>
    private void Compare() => Conflicts.AddRange(
        from stored in Initial
        where (stored.Value ?? string.Empty) != (Value(stored.Key) ?? string.Empty) && stored.Key != "siteId"
        select (stored.Key, stored.Value ?? Ui.T["none"], Value(stored.Key) is { Length: > 0 } yours ? yours : Ui.T["none"]));

    private IEnumerable<(string Value, string Text)> GetOptions<T>(string handler)
        where T : struct, Enum => Enum.GetValues<T>().Select(value => (EnumNames<T>.GetName(value), Ui.T.Word(handler, value)));
}
