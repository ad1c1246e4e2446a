using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using GridServices.Hosting.Auth;
using GridServices.Operations.Access;
using GridServices.Testing;

namespace GridServices.Contract.Tests.Access;

/// <summary>Every operation of every service with a token of every role: of the tenant, of another one, and for other sites.</summary>
public sealed partial class AccessTests
{
    private const string OperationsHead = "### Of Operations\n";
    private static readonly Role[] Roles = Enum.GetValues<Role>();

    /// <summary>What is the same for every site: programs, files to begin with, settings, how services answer.</summary>
    private static readonly string[] OfTenant = ["/v1/programs", "/v1/imports/templates", "/v1/services", "/v1/audit/verify"];

    public static TheoryData<string> Names => [.. ServiceEndpoints.Services.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_operation_says_its_permission(string service)
    {
        await using var app = await StartAsync(service);
        var endpoints = ServiceEndpoints.GetAll(app.App);
        Assert.True(endpoints.Count >= 8, $"only {endpoints.Count} operations were found");
        Assert.Empty(endpoints.Where(e => e.Permission is null).Select(e => $"{e.Method} {e.Template}"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_role_passes_where_its_permissions_say_so_and_nowhere_else(string service)
    {
        await using var app = await StartAsync(service);
        var tokens = await TokensAsync(app, "default", ["nobody-site"]);
        var faults = new List<string>();
        foreach (var endpoint in ServiceEndpoints.GetAll(app.App))
        {
            foreach (var role in Roles)
            {
                var (status, body) = await AskAsync(app, tokens[role], endpoint, "nobody", new HeldIds());
                var isRefused = status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized;
                if (isRefused == endpoint.Required!.Admits(role) || (isRefused && !body.Contains("AUTHZ_ROLE", StringComparison.Ordinal)))
                {
                    faults.Add($"{endpoint.Method} {endpoint.Template} {role}: {(int)status} {body}");
                }
            }

            var (unknown, _) = await AskAsync(app, null, endpoint, "nobody", new HeldIds());
            faults.AddRange(unknown is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests ? [] : [$"{endpoint.Method} {endpoint.Template} without a token: {(int)unknown}"]);
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task To_another_tenant_what_is_held_looks_like_what_never_was(string service)
    {
        await using var app = await StartAsync(service);
        var ids = await HoldAsync(app, service);
        var tokens = await TokensAsync(app, "other", ["home-site", "nobo-site"]);
        var faults = new List<string>();
        foreach (var endpoint in ServiceEndpoints.GetAll(app.App))
        {
            foreach (var role in Roles.Where(endpoint.Required!.Admits))
            {
                var (held, heldBody) = await AskAsync(app, tokens[role], endpoint, "home", ids, withSense: true);
                var (never, neverBody) = await AskAsync(app, tokens[role], endpoint, "nobo", ids, withSense: true);
                var isShown = endpoint is { Method: "GET" } && !endpoint.Template.Contains('{', StringComparison.Ordinal) && heldBody.Contains("home-", StringComparison.OrdinalIgnoreCase);
                if (held != never || Plain(heldBody) != Plain(neverBody) || isShown)
                {
                    faults.Add($"{endpoint.Method} {endpoint.Template} {role}: {(int)held} {heldBody}\n   but {(int)never} {neverBody}");
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        await DemandHeldAsync(app, service, ids);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_token_for_other_sites_sees_and_changes_nothing_of_a_site(string service)
    {
        await using var app = await StartAsync(service);
        var ids = await HoldAsync(app, service);
        var faults = new List<string>();
        var tokens = await TokensAsync(app, "default", ["elsewhere"], Roles);
        foreach (var endpoint in ServiceEndpoints.GetAll(app.App).Where(IsForSites))
        {
            foreach (var role in Roles.Where(endpoint.Required!.Admits))
            {
                var (status, body) = await AskAsync(app, tokens[role], endpoint, "home", ids, withSense: true);
                var isClosed = endpoint.Method != "GET" ? (int)status >= 400 && (endpoint.Required.Permission is not null || status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound || IsOwnConflict(status, body))
                    : endpoint.Template.Contains('{', StringComparison.Ordinal) ? status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound
                    : !body.Contains("home-", StringComparison.Ordinal);
                faults.AddRange(isClosed ? [] : [$"{endpoint.Method} {endpoint.Template} {role}: {(int)status} {body}"]);
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        await DemandHeldAsync(app, service, ids);
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
            foreach (var endpoint in ServiceEndpoints.GetAll(app.App))
            {
                table.Append($"| `{endpoint.Method} {endpoint.Template.Replace("{**", "{", StringComparison.Ordinal)}` | {endpoint.Permission} | {Listed(endpoint.Required!.Admitted)} |\n");
            }
        }

        var file = RepositoryFiles.Path("docs", "api", "access.md");
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            text = OperationsSection().Replace(text[..text.IndexOf(mark, StringComparison.Ordinal)], OperationsTable()) + table;
            await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        }

        Assert.Equal(text[text.IndexOf(mark, StringComparison.Ordinal)..], table.ToString());
        Assert.Contains(OperationsTable(), text, StringComparison.Ordinal);
        Assert.All(Enum.GetValues<Permission>(), p => Assert.Matches($"(?m)^\\| {Word(p.ToString())} \\| .* \\| {Regex.Escape(Listed(Permissions.GetRoles(p)) is { Length: > 0 } roles ? roles : "-")} \\|$", text));
    }

    /// <summary>What each role of people may do in Operations, by its own table.</summary>
    private static string OperationsTable()
    {
        var roles = Enum.GetValues<UserRole>();
        var table = new StringBuilder(OperationsHead).Append($"| permission | {string.Join(" | ", roles.Select(r => Word(r.ToString())))} |\n|---|{string.Concat(roles.Select(_ => "---|"))}\n");
        foreach (var permission in Enum.GetValues<UserPermission>())
        {
            table.Append($"| {Word(permission.ToString())} | {string.Join(" | ", roles.Select(r => Reached(UserRoles.GetReach(r, permission))))} |\n");
        }

        return table.ToString();
    }

    // That a name is taken may be told; whose it is may not.
    private static bool IsOwnConflict(HttpStatusCode status, string body) => status == HttpStatusCode.Conflict && !body.Contains("home-", StringComparison.Ordinal);

    private static string Reached(Reach reach) => reach switch { Reach.Tenant => "yes", Reach.Named => "named sites", Reach.NamedIfAllowed => "named sites, if allowed", _ => "-" };

    // What belongs to the whole tenant has no site; a calculation is about what its body brings.
    private static bool IsForSites(ServiceEndpoint endpoint) => !OfTenant.Any(t => endpoint.Template.StartsWith(t, StringComparison.Ordinal))
        && (endpoint.Permission is "seeSites" or "editSites" or "opt" or "readMessages" or "editMeters" or "seeBills" or "control" or "seeRecords" or "seePersonalData"
            || (endpoint.Permission is "administer" && endpoint.Required!.Permission is null)
            || (endpoint.Permission is "operate" && endpoint.Template.Contains('{', StringComparison.Ordinal))
            || endpoint.Template.StartsWith("/v1/meters/", StringComparison.Ordinal));

    internal static Task<ServiceApp> StartAsync(string service) =>
        ServiceApp.StartAsync(ServiceEndpoints.Services[service], null, "--EnvelopeHub:SettleTime=00:00:00", "--Hub:Url=http://127.0.0.1:9", "--Logging:LogLevel:Default=Critical");

    /// <summary>A token of each role; those of the roles named are for the sites only.</summary>
    internal static async Task<Dictionary<Role, string>> TokensAsync(ServiceApp app, string tenant, string[] sites, params Role[] scoped)
    {
        var tokens = Roles.ToDictionary(role => role, role => app.Tokens.Add($"{tenant}-{role}", role, tenant, scoped.Append(Role.ControllerVendor).Append(Role.Customer).Contains(role) ? sites : null));

        // Once the last one is known the others are.
        await app.AddTokenAsync($"{tenant}-last", Role.Viewer, tenant);
        return tokens;
    }

    internal static async Task<HeldIds> HoldAsync(ServiceApp app, string service)
    {
        var ids = new HeldIds();
        using var client = Client(app, app.Tokens.Operator);
        foreach (var (method, path, body) in ServiceEndpoints.Held[service])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(ids.In(body, "home"), Encoding.UTF8, path.StartsWith("/v1/imports", StringComparison.Ordinal) ? "text/csv" : "application/json") };
            using var answer = await client.SendAsync(request);
            Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {await answer.Content.ReadAsStringAsync()}");
            if (answer.Headers.Location is { } made)
            {
                ids.Add(path.Split('/', '?')[2], made.ToString().Split('/')[^1]);
            }
        }

        if (service == "operations")
        {
            await OperationsHeld.AddAsync(app, client, ids);
        }

        return ids;
    }

    private static async Task DemandHeldAsync(ServiceApp app, string service, HeldIds ids)
    {
        using var client = Client(app, app.Tokens.Operator);
        foreach (var (method, path, _) in ServiceEndpoints.Held[service])
        {
            // What got its id from the service is read by it; a webhook is read by its list alone.
            var collection = path.Split('/', '?')[2];
            using var answer = await client.GetAsync(new Uri(method == "POST" && service == "operations" && collection != "webhooks" ? $"/v1/{collection}/{ids.GetId(collection, "home")}" : path, UriKind.Relative));
            Assert.True(answer.IsSuccessStatusCode, $"{path} {answer.StatusCode}");
        }
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(ServiceApp app, string? token, ServiceEndpoint endpoint, string whose, HeldIds ids, bool withSense = false)
    {
        using var client = Client(app, token);
        using var request = ServiceEndpoints.Request(endpoint, whose, ids, withSense);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var isEndless = answer.Content.Headers.ContentType?.MediaType == "text/event-stream";
        return (answer.StatusCode, isEndless ? string.Empty : await answer.Content.ReadAsStringAsync());
    }

    // Without the documents' check: nonsense is sent here.
    internal static HttpClient Client(ServiceApp app, string? token)
    {
        var client = new HttpClient { BaseAddress = app.Address };
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>An answer without what differs by itself: the name that was asked for, instants, ages, trace ids.</summary>
    private static string Plain(string body) => Varying().Replace(body, "*");

    private static string Word(string name) => ServiceEndpoints.Word(name);

    private static string Listed(IEnumerable<Role> roles) => string.Join(", ", roles.Select(r => Word(r.ToString())));

    [GeneratedRegex("(?s)### Of Operations\n.*?(?=\n## |$)", RegexOptions.None, 60_000)]
    private static partial Regex OperationsSection();

    // What one tenant makes for itself while it is asked differs by its id.
    [GeneratedRegex("\\b([hH]ome|HOME|nobo|NOBO)-|[0-9A-HJKMNP-TV-Z]{26}|\"(hash|previous|head)\":\"[0-9a-f]+\"|\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z|\"traceId\":\"[0-9a-f]+\"|\"oldestSeconds\":[0-9.E-]+", RegexOptions.ExplicitCapture, 60_000)]
    private static partial Regex Varying();
}
