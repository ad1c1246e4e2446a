using System.Net.Http.Headers;
using GridServices.Hosting;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Testing;

/// <summary>A service running inside the test process on a free loopback port, with a store and tokens of its own.</summary>
public sealed class ServiceApp : IAsyncDisposable
{
    private readonly TestStore? _ownStore;

    private ServiceApp(WebApplication app, TestTokens tokens, TestStore? ownStore)
    {
        App = app;
        Tokens = tokens;
        _ownStore = ownStore;
        Address = new Uri(app.Urls.First());
    }

    public WebApplication App { get; }

    public TestTokens Tokens { get; }

    /// <summary>With its real port.</summary>
    public Uri Address { get; }

    /// <summary>Starts what a service's <c>Build</c> gives. Without a place it stands on SQLite in a folder of its own.</summary>
    /// <param name="build">e.g. <c>HubApp.Build</c>.</param>
    /// <param name="store">Where it stores; several starts on one place are restarts of one service.</param>
    /// <param name="arguments">Further command-line arguments, e.g. <c>--Hub:Url=…</c>.</param>
    public static async Task<ServiceApp> StartAsync(Func<string[], WebApplication> build, TestStore? store = null, params string[] arguments)
    {
        var place = store ?? TestStores.Create(Dialect.Sqlite);
        var tokens = GetTokens(place);
        var app = build(
            ["--urls=http://127.0.0.1:0", $"--Auth:TokensFile={tokens.File}", "--Logging:LogLevel:Default=Warning", .. place.Arguments, .. arguments]);
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new ServiceApp(app, tokens, store is null ? place : null);
    }

    /// <summary>Adds a token while the service runs, and waits until the service knows it.</summary>
    public async Task<string> AddTokenAsync(string id, Role role, string tenant = "default", IReadOnlyList<string>? sites = null, string? certificateSha256 = null)
    {
        var token = Tokens.Add(id, role, tenant, sites, certificateSha256);
        var known = App.Services.GetRequiredService<TokenDirectory>();
        await Until.HoldsAsync(() => known.Find(token) is not null);
        return token;
    }

    /// <summary>A client that sends this token, or none, and holds every exchange against the service's OpenAPI document.</summary>
    public HttpClient Client(string? token = null)
    {
        var contract = ApiContract.For(App.Services.GetRequiredService<ServiceIdentity>().Name);
        var client = contract is null ? new HttpClient(TestConnections.Create()) : new HttpClient(new ContractHandler(contract));
        client.BaseAddress = Address;
        client.Timeout = Until.Ceiling;
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
        if (_ownStore is not null)
        {
            await _ownStore.DisposeAsync();
        }
    }

    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<TestStore, TestTokens> TokensByStore = [];

    private static TestTokens GetTokens(TestStore store) => TokensByStore.GetValue(store, where => new TestTokens(where.Folder));
}
