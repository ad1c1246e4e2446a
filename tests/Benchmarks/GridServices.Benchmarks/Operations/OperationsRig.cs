using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GridServices.OpenAdr.Service;
using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service;
using GridServices.Operations.Service.SignIn;
using GridServices.Operations.Service.Storage;
using GridServices.Simulators.Vtn;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Benchmarks.Operations;

/// <summary>Operations, OpenAdr and a simulated VTN in this process; stores in a folder that is deleted afterwards.</summary>
internal sealed partial class OperationsRig : IAsyncDisposable
{
    internal static readonly string[] Programs = ["BENCH-A", "BENCH-B", "BENCH-C"];
    private const string Password = "correct horse battery";
    private const string Token = "0123456789abcdef0123456789abcdef0123456789abcdef";

    private readonly string _folder;
    private readonly WebApplication _vtn;
    private readonly WebApplication _openAdr;
    private readonly WebApplication _operations;
    private readonly HttpClient _openAdrApi;
    private readonly HttpClient _console;

    private OperationsRig(string folder, WebApplication vtn, WebApplication openAdr, WebApplication operations)
    {
        (_folder, _vtn, _openAdr, _operations) = (folder, vtn, openAdr, operations);
        Api = Client(operations);
        _openAdrApi = Client(openAdr);
        _console = new HttpClient { BaseAddress = new Uri(operations.Urls.First()) };
    }

    internal HttpClient Api { get; }

    internal static async Task<OperationsRig> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("gridservices-operations-").FullName;
        var tokens = Path.Combine(folder, "tokens.json");
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Token)));
        await File.WriteAllTextAsync(tokens, $$"""{ "tokens": [ { "id": "bench", "sha256": "{{hash}}", "tenant": "default", "role": "operator" } ] }""");
        string[] common = ["--urls=http://127.0.0.1:0", $"--Auth:TokensFile={tokens}", "--Logging:LogLevel:Default=Error", "--Hub:Url=http://127.0.0.1:9"];
        var vtn = VtnApp.Build(["--http", "127.0.0.1:0", "--quiet", "--poll-freq", "PT30S"]);
        await vtn.StartAsync();
        var openAdr = OpenAdrApp.Build([.. common, $"--Storage:Path={Path.Combine(folder, "openadr")}"]);
        await openAdr.StartAsync();
        var operations = OperationsApp.Build(
        [
            .. common, $"--Storage:Path={Path.Combine(folder, "operations")}", $"--Services:OpenAdr:Url={openAdr.Urls.First()}", $"--Services:OpenAdr:Token={Token}",
            .. new[] { "EnvelopeHub", "Ieee2030Dot5", "Tariffs", "FrequencyResponse" }.Select(name => $"--Services:{name}:Url=http://127.0.0.1:9"),
        ]);
        await operations.StartAsync();
        return new OperationsRig(folder, vtn, openAdr, operations);
    }

    /// <summary>Administrators, so that every page is shown; the first one signs in.</summary>
    internal Task AddUsersAsync(int count) => _operations.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "bench"), async transaction =>
    {
        var hash = Passwords.Hash(Password);
        var stamp = new Stamp(transaction.Now, "bench");
        for (var i = 0; i < count; i++)
        {
            var id = EntityId.Create(transaction.Now, RandomNumberGenerator.GetBytes(EntityId.RandomBytes));
            var user = new UserAccount { Id = id, Tenant = "default", Created = stamp, Updated = stamp, Version = 1, Login = $"user{i}", Name = $"User {i}", Grants = [new AccessGrant(UserRole.Admin)] };
            await UserStore.AddAsync(transaction.Tx, user, hash, null);
        }

        return count;
    });

    /// <summary>Three programs of the simulated VTN that a site may be in at once.</summary>
    internal async Task AddProgramsAsync()
    {
        foreach (var code in Programs)
        {
            var template = await GetAsync("/v1/programs/OPENADR-PLAIN");
            (template["code"], template["dualWith"]) = (code, new JsonArray("BENCH-A", "BENCH-B", "BENCH-C"));
            await ReadAsync(await Api.PutAsync(new Uri($"/v1/programs/{code}", UriKind.Relative), Json(template.ToJsonString())));
        }
    }

    /// <summary>Enrollments of a program, with the VTN's address written into them.</summary>
    internal async Task<IReadOnlyList<string>> ReadyEnrollmentsAsync(string program, int count)
    {
        var page = await GetAsync($"/v1/enrollments?filter=program:{program}&limit={count}");
        var ids = page["items"]!.AsArray().Select(e => (string)e!["id"]!).ToList();
        foreach (var id in ids)
        {
            await SendAsync(HttpMethod.Patch, $"/v1/enrollments/{id}", $$"""{ "identity": { "vtnUrl": "{{_vtn.Urls.First()}}/OpenADR2/Simple/2.0b" } }""", "application/merge-patch+json");
        }

        return ids;
    }

    internal async Task DemandReadyAsync(string id)
    {
        var held = await GetAsync($"/v1/enrollments/{id}");
        if ((string)held["state"]! != "readyToSubmit")
        {
            throw new InvalidOperationException($"an enrollment is not ready: {held["state"]} {held["requiredActions"]!.ToJsonString()}");
        }
    }

    internal Task ActAsync(string id, string action, string body) => SendAsync(HttpMethod.Post, $"/v1/enrollments/{id}/{action}", body, "application/json");

    internal async Task RemoveVenAsync(string venKey) => (await _openAdrApi.DeleteAsync(new Uri($"/v1/vens/{venKey}", UriKind.Relative))).EnsureSuccessStatusCode();

    internal async Task<JsonNode> GetAsync(string path) => await ReadAsync(await Api.GetAsync(new Uri(path, UriKind.Relative)));

    internal async Task<int> CountAsync(string path) => (await GetAsync(path))["items"]!.AsArray().Count;

    internal static async Task<JsonNode> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            return answer.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException($"{answer.RequestMessage!.RequestUri}: {(int)answer.StatusCode} {text}");
        }
    }

    /// <summary>As the first user, by the form.</summary>
    internal async Task SignInAsync()
    {
        var page = await _console.GetStringAsync(new Uri("/sign-in", UriKind.Relative));
        using var form = new FormUrlEncodedContent([new("login", "user0"), new("password", Password), new("__RequestVerificationToken", FormToken().Match(page).Groups["token"].Value)]);
        using var answer = await _console.PostAsync(new Uri("/sign-in", UriKind.Relative), form);
        if (answer.RequestMessage!.RequestUri!.AbsolutePath == "/sign-in")
        {
            throw new InvalidOperationException("the sign-in was refused");
        }
    }

    /// <summary>Bytes of a page or list.</summary>
    internal async Task<int> SizeAsync(string path)
    {
        using var answer = await (path.StartsWith("/v1/", StringComparison.Ordinal) ? Api : _console).GetAsync(new Uri(path, UriKind.Relative));
        var content = await answer.Content.ReadAsByteArrayAsync();
        return answer.IsSuccessStatusCode ? content.Length : throw new InvalidOperationException($"{path}: {(int)answer.StatusCode}");
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        _openAdrApi.Dispose();
        _console.Dispose();
        foreach (var app in new[] { _operations, _openAdr, _vtn })
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static HttpClient Client(WebApplication app)
    {
        var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return client;
    }

    private static StringContent Json(string text, string type = "application/json") => new(text, Encoding.UTF8, new MediaTypeHeaderValue(type));

    private async Task SendAsync(HttpMethod method, string path, string body, string type)
    {
        using var request = new HttpRequestMessage(method, path) { Content = Json(body, type) };
        await ReadAsync(await Api.SendAsync(request));
    }

    [GeneratedRegex("__RequestVerificationToken\" type=\"hidden\" value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FormToken();
}
