using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.SignIn;
using GridServices.Operations.Service.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Operations.Service.Tests.Pages;

/// <summary>A person who is signed in to the console and reads its pages without a browser.</summary>
internal sealed partial class Visitor : IDisposable
{
    private const string Password = "correct horse battery";
    private readonly HttpClient _http;

    private Visitor(Uri address) => _http = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = true }) { BaseAddress = address };

    /// <summary>Adds an account with the role and signs in with it.</summary>
    public static async Task<Visitor> SignedInAsync(OperationsUnderTest service, UserRole role, AccessScope? scope = null)
    {
        var login = $"{role}-{Guid.NewGuid():N}@example.com".ToLowerInvariant();
        await service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), async transaction =>
        {
            var (id, stamp) = (EntityId.Create(transaction.Now, RandomNumberGenerator.GetBytes(EntityId.RandomBytes)), new Stamp(transaction.Now, "test"));
            var user = new UserAccount { Id = id, Tenant = "default", Created = stamp, Updated = stamp, Version = 1, Login = login, Name = "Vera", Grants = [new AccessGrant(role, scope ?? AccessScope.Empty)] };
            Assert.True(await UserStore.AddAsync(transaction.Tx, user, Passwords.Hash(Password), null));
        });
        var visitor = new Visitor(service.Service.Address);
        var answer = await visitor.PostAsync("/sign-in", "/sign-in", ("login", login), ("password", Password));
        Assert.NotEqual("/sign-in", answer.Path);
        return visitor;
    }

    /// <summary>The page as it is shown.</summary>
    public async Task<string> HtmlAsync(string path) => (await ReadAsync(await _http.GetAsync(new Uri(path, UriKind.Relative), Ct))).Html;

    /// <summary>Where one ends who goes there.</summary>
    public async Task<string> PathAsync(string path) => (await ReadAsync(await _http.GetAsync(new Uri(path, UriKind.Relative), Ct))).Path;

    /// <summary>What the page shows, as JSON.</summary>
    public async Task<JsonNode> DocumentAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative)) { Headers = { Accept = { new MediaTypeWithQualityHeaderValue("application/json") } } };
        return JsonNode.Parse((await ReadAsync(await _http.SendAsync(request, Ct))).Html)!;
    }

    /// <summary>Fills in a page's form and sends it.</summary>
    public async Task<(string Path, string Html)> PostAsync(string page, string to, params (string Name, string Value)[] fields)
    {
        var token = FormToken().Match(await HtmlAsync(page)).Groups["token"].Value;
        using var form = new FormUrlEncodedContent([.. fields.Select(f => KeyValuePair.Create(f.Name, f.Value)), new("__RequestVerificationToken", token)]);
        return await ReadAsync(await _http.PostAsync(new Uri(to, UriKind.Relative), form, Ct));
    }

    /// <summary>Sends a form of the page of many sites, and confirms what it then says.</summary>
    public async Task<(string Path, string Html)> ConfirmAsync(params (string Name, string Value)[] fields)
    {
        var (_, look) = await PostAsync("/sites", "/sites/bulk", fields);
        return await PostAsync("/sites", "/sites/bulk", [.. fields, ("confirmed", ReadMark(look))]);
    }

    /// <summary>What a confirmation sends.</summary>
    public static string ReadMark(string look) => Mark().Match(look) is { Success: true } found ? found.Groups["mark"].Value : throw new InvalidOperationException("There is nothing to confirm: " + look);

    /// <summary>What the service answers to a form that the person should not be able to send; the token is of a page that the person sees.</summary>
    public async Task<int> PostForStatusAsync(string page, string to, params (string Name, string Value)[] fields)
    {
        var token = FormToken().Match(await HtmlAsync(page)).Groups["token"].Value;
        using var form = new FormUrlEncodedContent([.. fields.Select(f => KeyValuePair.Create(f.Name, f.Value)), new("__RequestVerificationToken", token)]);
        using var answer = await _http.PostAsync(new Uri(to, UriKind.Relative), form, Ct);
        return (int)answer.StatusCode;
    }

    /// <summary>What the service answers at an address.</summary>
    public async Task<int> StatusAsync(string path)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative), Ct);
        return (int)answer.StatusCode;
    }

    public void Dispose() => _http.Dispose();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static async Task<(string Path, string Html)> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var html = await answer.Content.ReadAsStringAsync(Ct);
            Assert.True(answer.IsSuccessStatusCode, $"{answer.RequestMessage!.RequestUri}: {(int)answer.StatusCode} {html}");
            return (answer.RequestMessage.RequestUri!.PathAndQuery, WebUtility.HtmlDecode(html));
        }
    }

    [GeneratedRegex("name=\"confirmed\" value=\"(?<mark>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Mark();

    [GeneratedRegex("__RequestVerificationToken\" type=\"hidden\" value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FormToken();
}
