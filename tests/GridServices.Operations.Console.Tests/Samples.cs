using GridServices.Operations.Access;
using GridServices.Operations.Audit;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Console.Tests;

/// <summary>Things to look at, written as a person of the tenant would.</summary>
internal static class Samples
{
    private static readonly Actor Maker = new("default", "sample", AuditActorKind.User) { Grants = [new AccessGrant(UserRole.Admin)] };

    internal static Task<Site> SiteAsync(ConsoleService console, string siteId = "depot-1", string zone = "America/Los_Angeles") => console.Get<OperationsStore>().WriteAsync(
        Maker, async transaction => await AddAsync(console, transaction, await CustomerAsync(console, transaction), siteId, zone));

    internal static Task SitesAsync(ConsoleService console, int count) => console.Get<OperationsStore>().WriteAsync(
        Maker,
        async transaction =>
        {
            var customer = await CustomerAsync(console, transaction);
            for (var i = 0; i < count; i++)
            {
                await AddAsync(console, transaction, customer, $"depot-{i * 7}", "America/Los_Angeles");
            }
        });

    /// <summary>An event of an OpenADR utility for these sites, an hour from now or live; each site has a VEN of its own.</summary>
    internal static Task<HeldEvent> EventAsync(ConsoleService console, Instant from, Duration length, params string[] siteIds) => console.Get<OperationsStore>().WriteAsync(
        Maker,
        async transaction =>
        {
            var until = from + length;
            var e = new Event
            {
                Tenant = "default",
                Source = "openadr:vtn.example/e17",
                Origin = EventOrigin.OpenAdr,
                Program = "http://utility.example/dr",
                TemplateCode = "OPENADR-PLAIN",
                AnnouncedAt = transaction.Now,
                From = from,
                Until = until,
                Revisions =
                [
                    new EventRevision
                    {
                        Number = 0, ToldAt = transaction.Now, From = from, Until = until, Changes = [EventChange.Announced], Signals = [new EventSignal("SIMPLE", [new SignalValue(1)], "level")],
                    },
                ],
                Sites = siteIds.Select(site => new EventSite { SiteId = site, Through = "ven-" + site, From = from, Until = until, Revision = 0, ToldAt = transaction.Now, State = SiteEventState.Held, NominatedKw = 40 }).ToValueList(),
            };
            return (await EventStore.SaveAsync(transaction, [e])).Single();
        });

    internal static Task<Enrollment> EnrollmentAsync(ConsoleService console, string siteId) => console.Get<OperationsStore>().WriteAsync(Maker, transaction => console.Get<EnrollmentHandler>().CreateAsync(
        transaction,
        new EnrollmentBody
        {
            SiteId = siteId,
            Program = "IEEE2030-5-PLAIN",
            Period = new DatePeriod { From = new LocalDate(2027, 1, 1) },
            Identity = new ProtocolIdentity { Server = "https://utility.example/dcap", Pin = "111115" },
        }));

    internal static Task<MeterPoint> MeterAsync(ConsoleService console, string siteId) => console.Get<OperationsStore>().WriteAsync(Maker, transaction => console.Get<MeterPointHandler>().CreateAsync(
        transaction, new MeterPointBody { SiteId = siteId, Kind = MeterKind.Utility, Scheme = IdentifierScheme.Other, Identifier = "4711-" + siteId, IntervalMinutes = 15 }));

    private static Task<Customer> CustomerAsync(ConsoleService console, AuditedTransaction transaction) =>
        console.Get<CustomerHandler>().CreateAsync(transaction, new CustomerBody { Name = "Acme Logistics", Country = "US" });

    private static Task<Site> AddAsync(ConsoleService console, AuditedTransaction transaction, Customer customer, string siteId, string zone) => console.Get<SiteHandler>().CreateAsync(transaction, new SiteBody
    {
        SiteId = siteId,
        CustomerId = customer.Id,
        Name = siteId.Replace('-', ' ').Replace("depot", "Depot", StringComparison.Ordinal),
        TimeZone = zone,
        Address = new AddressBody { Line1 = "1 Main St", City = "San Leandro", Postcode = "94577", Country = "US", Region = "CA" },
        Connection = new SiteConnection { RatingA = 100, VoltageV = 480, Wiring = PhaseWiring.ThreePhase, Code = InstallationCode.Nec, ExportMaxW = 0 },
    });
}
