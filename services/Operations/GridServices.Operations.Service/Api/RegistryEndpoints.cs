using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Api;

/// <summary>Customers, contacts, sites, meter points, assets and opt plans.</summary>
internal static class RegistryEndpoints
{
    internal static void MapRegistry(this WebApplication app)
    {
        var customers = app.Endpoints<Customer, CustomerBody>(app.Services.GetRequiredService<CustomerFamily>(), new("customers", "Customer", "Customers", "Customers"));
        app.MapPersonalData(customers);
        app.Endpoints<Contact, ContactBody>(app.Services.GetRequiredService<ContactFamily>(), new("contacts", "Contact", "Contacts", "Contacts"));
        app.Endpoints<Site, SiteBody>(app.Services.GetRequiredService<SiteFamily>(), new("sites", "Site", "Sites", "Sites"));
        app.Endpoints<MeterPoint, MeterPointBody>(app.Services.GetRequiredService<MeterPointFamily>(), new("meter-points", "MeterPoint", "MeterPoints", "Meter points"));
        app.Endpoints<Asset, AssetBody>(app.Services.GetRequiredService<AssetFamily>(), new("assets", "Asset", "Assets", "Assets"));
        app.Endpoints<OptPlan, OptPlanBody>(app.Services.GetRequiredService<OptPlanFamily>(), new("opt-plans", "OptPlan", "OptPlans", "Opt plans"));
    }

    /// <summary>The common endpoints of a family, for others to be added to.</summary>
    internal static EntityEndpoints<TEntity, TBody> Endpoints<TEntity, TBody>(this WebApplication app, EntityFamily<TEntity, TBody> family, FamilyNames names)
        where TEntity : Entity
        where TBody : class
    {
        var endpoints = new EntityEndpoints<TEntity, TBody>(
            family, names, app.Services.GetRequiredService<SiteStore>(), app.Services.GetRequiredService<SettingsStore>(), app.Services.GetRequiredService<OperationsStore>());
        endpoints.Map(app);
        return endpoints;
    }
}
