using GridServices.Operations.Access;
using GridServices.Operations.Opt;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Overview;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Api;

/// <summary>Customers, contacts, sites, meter points, assets and opt plans.</summary>
internal static class RegistryEndpoints
{
    internal static void MapRegistry(this WebApplication app)
    {
        var customers = app.Endpoints<Customer, CustomerBody>(app.Services.GetRequiredService<CustomerHandler>(), new("customers", "Customer", "Customers", "Customers"));
        app.MapPersonalData(customers);
        app.Endpoints<Contact, ContactBody>(app.Services.GetRequiredService<ContactHandler>(), new("contacts", "Contact", "Contacts", "Contacts"));
        var sites = app.Endpoints<Site, SiteBody>(app.Services.GetRequiredService<SiteHandler>(), new("sites", "Site", "Sites", "Sites"));
        app.MapGet("/v1/sites/{id}/overview", async (string id, HttpContext http, SiteOverviewReader overview) =>
                OperationsWire.Answer(await overview.ReadAsync(await sites.RequireAsync(http, id, UserPermission.SeeSites), http.RequestAborted)))
            .Needs(UserPermission.SeeSites).WithTags("Sites").WithName("getSiteOverview").WithSummary("Lamps, the limit now and who binds, the next event")
            .WithDescription("What a service does not answer is unknown, with since when.").Produces<SiteOverview>();
        app.MapConnectionLimits(sites);
        app.Endpoints<MeterPoint, MeterPointBody>(app.Services.GetRequiredService<MeterPointHandler>(), new("meter-points", "MeterPoint", "MeterPoints", "Meter points"));
        app.Endpoints<Asset, AssetBody>(app.Services.GetRequiredService<AssetHandler>(), new("assets", "Asset", "Assets", "Assets"));
        app.MapOptSchedules(app.Endpoints<OptPlan, OptPlanBody>(app.Services.GetRequiredService<OptPlanHandler>(), new("opt-plans", "OptPlan", "OptPlans", "Opt plans")));
    }

    /// <summary>The common endpoints of a handler, for others to be added to.</summary>
    internal static EntityEndpoints<TEntity, TBody> Endpoints<TEntity, TBody>(this WebApplication app, EntityHandler<TEntity, TBody> handler, EntityNames names)
        where TEntity : Entity
        where TBody : class
    {
        var endpoints = new EntityEndpoints<TEntity, TBody>(
            handler, names, app.Services.GetRequiredService<SiteStore>(), app.Services.GetRequiredService<SettingsStore>(), app.Services.GetRequiredService<OperationsStore>());
        endpoints.Map(app);
        return endpoints;
    }
}
