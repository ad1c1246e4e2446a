using GridServices.Hosting.Storage;
using GridServices.Operations.Access;
using GridServices.Operations.Audit;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Operations.Service.Tests;

/// <summary>The service's parts over a store of their own: nothing listens, no job or loop runs, and what is to be done is called by the test.</summary>
internal sealed class OperationsParts : IAsyncDisposable
{
    private readonly TestStore _place;
    private readonly WebApplication _app;

    private OperationsParts(TestStore store, WebApplication app) => (_place, _app) = (store, app);

    public static Actor Admin { get; } = new("default", "ann", AuditActorKind.User) { Grants = [new AccessGrant(UserRole.Admin)] };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<OperationsParts> MakeAsync(IClock? clock = null, params string[] arguments)
    {
        var place = TestStores.Create(Dialect.Sqlite);
        var app = OperationsApp.Build(["--urls=http://127.0.0.1:0", $"--Auth:TokensFile={new TestTokens(place.Folder).File}", "--Logging:LogLevel:Default=Critical", .. place.Arguments, .. arguments], clock);
        await app.Services.GetRequiredService<Store>().OpenAsync(Ct);
        return new OperationsParts(place, app);
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public Task<T> WriteAsync<T>(Func<AuditedTransaction, Task<T>> work, Actor? actor = null) => Get<OperationsStore>().WriteAsync(actor ?? Admin, work, Ct);

    public Task WriteAsync(Func<AuditedTransaction, Task> work, Actor? actor = null) => Get<OperationsStore>().WriteAsync(actor ?? Admin, work, Ct);

    /// <summary>A customer with these sites in Berlin.</summary>
    public async Task<string> SitesAsync(params string[] siteIds) => (await WriteAsync(async transaction =>
    {
        var customer = await Get<CustomerHandler>().CreateAsync(transaction, new CustomerBody { Name = "Example Foods", Country = "DE" });
        foreach (var siteId in siteIds)
        {
            await Get<SiteHandler>().CreateAsync(transaction, new SiteBody
            {
                SiteId = siteId,
                CustomerId = customer.Id,
                Name = $"Depot {siteId}",
                TimeZone = "Europe/Berlin",
                Address = new AddressBody { Line1 = "Hauptstr. 1", City = "Berlin", Postcode = "10115", Country = "DE" },
                Connection = new SiteConnection { ImportMaxW = 80_000, ExportMaxW = 0 },
            });
        }

        return customer;
    })).Id;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _place.DisposeAsync();
    }
}
