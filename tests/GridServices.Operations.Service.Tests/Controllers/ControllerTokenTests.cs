using System.Net;
using GridServices.EnvelopeHub.Service;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.Operations.Service.Tests.Controllers;

/// <summary>Tokens that Operations issues open the hub's stream of their site, and nothing else, until they are revoked.</summary>
public sealed class ControllerTokenTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task A_token_opens_its_site_at_the_hub_and_stops_when_it_is_revoked(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);
        var file = Path.Combine(place.Folder, "controllers.json");
        await using var hub = await ServiceApp.StartAsync(EnvelopeHubApp.Build, null, $"--Auth:ControllerTokensFile={file}");
        await using var operations = await OperationsUnderTest.StartAsync(place, null, $"--Controllers:TokensFile={file}");
        await operations.SiteAsync(await operations.CustomerAsync());
        var issued = await operations.PostAsync("/v1/controllers/site-1/tokens", """{ "name": "Cabinet" }""");
        var secret = (string)issued["secret"]!;
        Assert.DoesNotContain(secret, await File.ReadAllTextAsync(file, Ct), StringComparison.Ordinal);
        using var controller = new HttpClient { BaseAddress = hub.Address };
        controller.DefaultRequestHeaders.Authorization = new("Bearer", secret);
        await Until.HoldsAsync(() => StatusAsync(controller, "site-1"), status => status == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(controller, "site-2"));
        var listed = await operations.GetAsync("/v1/controllers/site-1/tokens");
        Assert.DoesNotContain(secret, listed.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("controllerToken.created", (await operations.GetAsync("/v1/audit")).ToJsonString(), StringComparison.Ordinal);

        await operations.SendAsync(HttpMethod.Delete, $"/v1/controllers/site-1/tokens/{(string)issued["token"]!["id"]!}", null, HttpStatusCode.NoContent);
        await Until.HoldsAsync(() => StatusAsync(controller, "site-1"), status => status == HttpStatusCode.Unauthorized);
        Assert.NotNull((await operations.GetAsync("/v1/controllers/site-1/tokens"))[0]!["revokedAt"]);
    }

    [Fact]
    public async Task It_is_told_from_which_address_as_what_and_with_which_token_a_controller_last_asked_the_hub()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        var file = Path.Combine(place.Folder, "controllers.json");
        await using var hub = await ServiceApp.StartAsync(EnvelopeHubApp.Build, null, $"--Auth:ControllerTokensFile={file}");
        await using var operations = await OperationsUnderTest.StartAsync(
            place, null, $"--Controllers:TokensFile={file}", $"--Hub:Url={hub.Address}", $"--Hub:Token={hub.Tokens.Publisher}", $"--Services:EnvelopeHub:Url={hub.Address}", $"--Services:EnvelopeHub:Token={hub.Tokens.Operator}");
        await operations.SiteAsync(await operations.CustomerAsync());
        Assert.Null((await operations.GetAsync("/v1/controllers"))["items"]![0]!["lastRequest"]);
        var issued = await operations.PostAsync("/v1/controllers/site-1/tokens", """{ "name": "Cabinet" }""");
        using var controller = new HttpClient { BaseAddress = hub.Address };
        controller.DefaultRequestHeaders.Authorization = new("Bearer", (string)issued["secret"]!);
        controller.DefaultRequestHeaders.UserAgent.ParseAdd("cabinet/1.4");
        await Until.HoldsAsync(() => StatusAsync(controller, "site-1"), status => status == HttpStatusCode.OK);
        var seen = await Until.HoldsAsync(async () => (await operations.GetAsync("/v1/controllers"))["items"]![0]!["lastRequest"], request => request is not null);
        Assert.Equal(("127.0.0.1", "cabinet/1.4", $"site-1/{issued["token"]!["id"]}"), ((string)seen!["address"]!, (string)seen["userAgent"]!, (string)seen["tokenId"]!));

        // People read the token's name.
        using var person = await Pages.Visitor.SignedInAsync(operations, Access.UserRole.Admin);
        var page = await person.HtmlAsync("/controllers/site-1");
        Assert.Contains("127.0.0.1", page, StringComparison.Ordinal);
        Assert.Contains("cabinet/1.4", page, StringComparison.Ordinal);
        Assert.Contains("<dd>Cabinet</dd>", page, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", await person.HtmlAsync("/controllers"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_file_is_named_no_token_is_issued_and_the_answer_says_what_is_missing()
    {
        await using var operations = await OperationsUnderTest.StartAsync();
        await operations.SiteAsync(await operations.CustomerAsync());
        var refused = await operations.PostAsync("/v1/controllers/site-1/tokens", """{ "name": "Cabinet" }""", HttpStatusCode.Conflict);
        Assert.Contains("Auth:ControllerTokensFile", (string)refused["detail"]!, StringComparison.Ordinal);
        Assert.Empty((await operations.GetAsync("/v1/controllers/site-1/tokens")).AsArray());
    }

    [Fact]
    public async Task Where_the_file_is_named_no_more_a_revoked_token_is_not_called_refused_by_the_hub()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        var path = "/v1/controllers/site-1/tokens";
        string token;
        await using (var first = await OperationsUnderTest.StartAsync(place, null, $"--Controllers:TokensFile={Path.Combine(place.Folder, "controllers.json")}"))
        {
            await first.SiteAsync(await first.CustomerAsync());
            token = (string)(await first.PostAsync(path, """{ "name": "Cabinet" }"""))["token"]!["id"]!;
        }

        await using var second = await OperationsUnderTest.StartAsync(place);
        var answer = await second.SendAsync(HttpMethod.Delete, $"{path}/{token}", null, HttpStatusCode.ServiceUnavailable);
        Assert.Contains("Controllers:TokensFile", (string)answer["detail"]!, StringComparison.Ordinal);
        Assert.NotNull((await second.GetAsync(path))[0]!["revokedAt"]);
    }

    [Fact]
    public async Task A_file_that_was_lost_is_made_anew_from_the_store_and_a_vendor_reaches_its_own_sites_only()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        var file = Path.Combine(place.Folder, "controllers.json");
        await using (var first = await OperationsUnderTest.StartAsync(place, null, $"--Controllers:TokensFile={file}"))
        {
            var customer = await first.CustomerAsync();
            await first.SiteAsync(customer);
            await first.SiteAsync(customer, "site-2");
            await first.PostAsync("/v1/controllers/site-1/tokens", """{ "name": "Cabinet" }""");
            var vendor = first.Service.Client(await first.Service.AddTokenAsync("vendor", Role.ControllerVendor, sites: ["site-2"]));
            await first.SendAsync(HttpMethod.Post, "/v1/controllers/site-2/tokens", """{ "name": "Roof" }""", HttpStatusCode.Created, http: vendor);
            await first.SendAsync(HttpMethod.Post, "/v1/controllers/site-1/tokens", """{ "name": "Roof" }""", HttpStatusCode.NotFound, http: vendor);
            Assert.Single((await first.SendAsync(HttpMethod.Get, "/v1/controllers", null, HttpStatusCode.OK, http: vendor))["items"]!.AsArray());
        }

        var before = await File.ReadAllTextAsync(file, Ct);
        File.Delete(file);
        await using var second = await OperationsUnderTest.StartAsync(place, null, $"--Controllers:TokensFile={file}");
        await Until.HoldsAsync(() => File.Exists(file));
        Assert.Equal(before, await File.ReadAllTextAsync(file, Ct));
    }

    [Fact]
    public async Task With_a_site_its_tokens_and_plans_go_and_another_site_of_its_id_gets_none()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        var file = Path.Combine(place.Folder, "controllers.json");
        await using var operations = await OperationsUnderTest.StartAsync(place, null, $"--Controllers:TokensFile={file}");
        var customer = await operations.CustomerAsync();
        var id = await operations.SiteAsync(customer);
        var token = (string)(await operations.PostAsync("/v1/controllers/site-1/tokens", """{ "name": "Cabinet" }"""))["token"]!["id"]!;
        await operations.PostAsync("/v1/opt-plans", """{ "siteId": "site-1", "from": "2026-01-01T00:00:00Z", "until": "2050-01-01T00:00:00Z", "direction": "out", "reason": "mustRun" }""");
        Assert.Contains(token, await File.ReadAllTextAsync(file, Ct), StringComparison.Ordinal);
        await operations.SendAsync(HttpMethod.Delete, $"/v1/sites/{id}", null, HttpStatusCode.NoContent);
        await operations.SiteAsync(customer);
        await Until.HoldsAsync(() => File.ReadAllTextAsync(file, Ct), text => !text.Contains(token, StringComparison.Ordinal));
        Assert.NotNull((await operations.GetAsync("/v1/controllers/site-1/tokens"))[0]!["revokedAt"]);
        Assert.Empty((await operations.GetAsync("/v1/opt-plans"))["items"]!.AsArray());
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient controller, string siteId)
    {
        using var answer = await controller.GetAsync(new Uri($"/v1/sites/{siteId}/stream", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Ct);
        return answer.StatusCode;
    }
}
