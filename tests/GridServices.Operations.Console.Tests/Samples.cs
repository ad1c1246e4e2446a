using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Console.Tests;

/// <summary>Things to look at, written as a person of the tenant would.</summary>
internal static class Samples
{
    private static readonly Actor Maker = new("default", "sample", AuditActorKind.User) { Grants = [new AccessGrant(UserRole.Admin)] };

    internal static Task<Site> SiteAsync(ConsoleService console, string siteId = "depot-1", string zone = "America/Los_Angeles") => console.Get<OperationsStore>().WriteAsync(
        Maker, async turn => await AddAsync(console, turn, await CustomerAsync(console, turn), siteId, zone));

    internal static Task SitesAsync(ConsoleService console, int count) => console.Get<OperationsStore>().WriteAsync(
        Maker,
        async turn =>
        {
            var customer = await CustomerAsync(console, turn);
            for (var i = 0; i < count; i++)
            {
                await AddAsync(console, turn, customer, $"depot-{i * 7}", "America/Los_Angeles");
            }
        });

    private static Task<Customer> CustomerAsync(ConsoleService console, WriteTurn turn) =>
        console.Get<CustomerFamily>().CreateAsync(turn, new CustomerBody { Name = "Acme Logistics", Country = "US" });

    private static Task<Site> AddAsync(ConsoleService console, WriteTurn turn, Customer customer, string siteId, string zone) => console.Get<SiteFamily>().CreateAsync(turn, new SiteBody
    {
        SiteId = siteId, CustomerId = customer.Id, Name = siteId.Replace('-', ' ').Replace("depot", "Depot", StringComparison.Ordinal), TimeZone = zone,
        Address = new AddressBody { Line1 = "1 Main St", City = "San Leandro", Postcode = "94577", Country = "US", Region = "CA" },
        Connection = new SiteConnection { RatingA = 100, VoltageV = 480, Wiring = PhaseWiring.ThreePhase, Code = InstallationCode.Nec, ExportMaxW = 0 },
    });
}
