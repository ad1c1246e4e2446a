using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using GridServices.Hosting;
using GridServices.Testing;

namespace GridServices.Contract.Tests.Access;

/// <summary>Every operation of every service with a token of every role: of the tenant, of another one, and for other sites.</summary>
public sealed partial class AccessTests
{
    private static readonly Role[] Roles = Enum.GetValues<Role>();

    public static TheoryData<string> Names => [.. ServiceEndpoints.Services.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_operation_says_its_permission(string service)
    {
        await using var app = await StartAsync(service);
        var endpoints = ServiceEndpoints.Of(app.App);
        Assert.True(endpoints.Count >= 8, $"only {endpoints.Count} operations were found");
        Assert.Empty(endpoints.Where(e => e.Required?.Permission is null).Select(e => $"{e.Method} {e.Template}"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_role_passes_where_its_permissions_say_so_and_nowhere_else(string service)
    {
        await using var app = await StartAsync(service);
        var tokens = await TokensAsync(app, "default", ["nobody-site"]);
        var faults = new List<string>();
        foreach (var endpoint in ServiceEndpoints.Of(app.App))
        {
            foreach (var role in Roles)
            {
                var (status, body) = await AskAsync(app, tokens[role], endpoint, "nobody");
                var isRefused = status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized;
                if (isRefused == endpoint.Required!.Admits(role) || (isRefused && !body.Contains("AUTHZ_ROLE", StringComparison.Ordinal)))
                {
                    faults.Add($"{endpoint.Method} {endpoint.Template} {role}: {(int)status} {body}");
                }
            }

            var (unknown, _) = await AskAsync(app, null, endpoint, "nobody");
            faults.AddRange(unknown is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests ? [] : [$"{endpoint.Method} {endpoint.Template} without a token: {(int)unknown}"]);
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task To_another_tenant_what_is_held_looks_like_what_never_was(string service)
    {
        await using var app = await StartAsync(service);
        await HoldAsync(app, service);
        var tokens = await TokensAsync(app, "other", ["home-site", "nobo-site"]);
        var faults = new List<string>();
        foreach (var endpoint in ServiceEndpoints.Of(app.App))
        {
            foreach (var role in Roles.Where(endpoint.Required!.Admits))
            {
                var (held, heldBody) = await AskAsync(app, tokens[role], endpoint, "home");
                var (never, neverBody) = await AskAsync(app, tokens[role], endpoint, "nobo");
                if (held != never || Plain(heldBody) != Plain(neverBody) || (!endpoint.Template.Contains('{', StringComparison.Ordinal) && heldBody.Contains("home-", StringComparison.Ordinal)))
                {
                    faults.Add($"{endpoint.Method} {endpoint.Template} {role}: {(int)held} {heldBody}\n   but {(int)never} {neverBody}");
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        await DemandHeldAsync(app, service);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_token_for_other_sites_sees_and_changes_nothing_of_a_site(string service)
    {
        await using var app = await StartAsync(service);
        await HoldAsync(app, service);
        var faults = new List<string>();
        var tokens = await TokensAsync(app, "default", ["elsewhere"], Roles);
        foreach (var endpoint in ServiceEndpoints.Of(app.App).Where(IsOfSites))
        {
            foreach (var role in Roles.Where(endpoint.Required!.Admits))
            {
                var (status, body) = await AskAsync(app, tokens[role], endpoint, "home");
                var isClosed = endpoint.Method != "GET" ? (int)status >= 400
                    : endpoint.Template.Contains('{', StringComparison.Ordinal) ? status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound
                    : !body.Contains("home-", StringComparison.Ordinal);
                faults.AddRange(isClosed ? [] : [$"{endpoint.Method} {endpoint.Template} {role}: {(int)status} {body}"]);
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        await DemandHeldAsync(app, service);
    }

    /// <summary><c>UPDATE_SNAPSHOTS=1</c> writes the table anew.</summary>
    [Fact]
    public async Task The_table_in_the_docs_is_what_the_endpoints_say()
    {
        const string mark = "## Every request\n";
        var table = new StringBuilder(mark);
        foreach (var service in ServiceEndpoints.Services.Keys)
        {
            await using var app = await StartAsync(service);
            table.Append($"\n### {service}\n| request | permission | roles |\n|---|---|---|\n");
            foreach (var endpoint in ServiceEndpoints.Of(app.App))
            {
                table.Append($"| `{endpoint.Method} {endpoint.Template.Replace("{**", "{", StringComparison.Ordinal)}` | {Word(endpoint.Required!.Permission!.Value)} | {Listed(endpoint.Required.Admitted)} |\n");
            }
        }

        var file = RepositoryFiles.Path("docs", "api", "access.md");
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            text = text[..text.IndexOf(mark, StringComparison.Ordinal)] + table;
            await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        }

        Assert.Equal(text[text.IndexOf(mark, StringComparison.Ordinal)..], table.ToString());
        Assert.All(Enum.GetValues<Permission>(), p => Assert.Matches($"(?m)^\\| {Word(p)} \\| .* \\| {Regex.Escape(Listed(Permissions.RolesOf(p)) is { Length: > 0 } roles ? roles : "-")} \\|$", text));
    }

    // What belongs to the whole tenant has no site; a calculation is about what its body brings.
    private static bool IsOfSites(ServiceEndpoint endpoint) =>
        endpoint.Required!.Permission is Permission.SeeSites or Permission.EditSites or Permission.Opt or Permission.ReadMessages or Permission.EditMeters or Permission.SeeBills or Permission.Control
        || (endpoint.Required.Permission is Permission.Operate && endpoint.Template.Contains('{', StringComparison.Ordinal))
        || endpoint.Template.StartsWith("/v1/meters/", StringComparison.Ordinal);

    private static Task<ServiceApp> StartAsync(string service) =>
        ServiceApp.StartAsync(ServiceEndpoints.Services[service], null, "--EnvelopeHub:SettleTime=00:00:00", "--Hub:Url=http://127.0.0.1:9", "--Logging:LogLevel:Default=Critical");

    /// <summary>A token of each role; those of the roles named are for the sites only.</summary>
    private static async Task<Dictionary<Role, string>> TokensAsync(ServiceApp app, string tenant, string[] sites, params Role[] scoped)
    {
        var tokens = Roles.ToDictionary(role => role, role => app.Tokens.Add($"{tenant}-{role}", role, tenant, scoped.Append(Role.ControllerVendor).Append(Role.Customer).Contains(role) ? sites : null));

        // Once the last one is known the others are.
        await app.AddTokenAsync($"{tenant}-last", Role.Viewer, tenant);
        return tokens;
    }

    private static async Task HoldAsync(ServiceApp app, string service)
    {
        using var client = Client(app, app.Tokens.Operator);
        foreach (var (method, path, body) in ServiceEndpoints.Held[service])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            using var answer = await client.SendAsync(request);
            Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    private static async Task DemandHeldAsync(ServiceApp app, string service)
    {
        using var client = Client(app, app.Tokens.Operator);
        foreach (var (_, path, _) in ServiceEndpoints.Held[service])
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.True(answer.IsSuccessStatusCode, $"{path} {answer.StatusCode}");
        }
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(ServiceApp app, string? token, ServiceEndpoint endpoint, string whose)
    {
        using var client = Client(app, token);
        using var request = ServiceEndpoints.Request(endpoint, whose);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var isEndless = answer.Content.Headers.ContentType?.MediaType == "text/event-stream";
        return (answer.StatusCode, isEndless ? string.Empty : await answer.Content.ReadAsStringAsync());
    }

    // Without the documents' check: nonsense is sent here.
    private static HttpClient Client(ServiceApp app, string? token)
    {
        var client = new HttpClient { BaseAddress = app.Address };
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>An answer without what differs by itself: the name that was asked for, instants, ages, trace ids.</summary>
    private static string Plain(string body) => Varying().Replace(body, "*");

    private static string Word(Permission permission) => JsonNamingWord(permission.ToString());

    private static string Listed(IEnumerable<Role> roles) => string.Join(", ", roles.Select(r => JsonNamingWord(r.ToString())));

    private static string JsonNamingWord(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    [GeneratedRegex("\\b(home|nobo)-|\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z|\"traceId\":\"[0-9a-f]+\"|\"oldestSeconds\":[0-9.E-]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Varying();
}
