using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using NodaTime;

namespace GridServices.Hosting.Tests.Auth;

public sealed class AccessTests
{
    private static async Task<(HttpStatusCode Status, string Class)> AskAsync(ServiceApp service, string? token, string path, HttpMethod? method = null)
    {
        using var client = service.Client(token);
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        using var answer = await client.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        if (answer.IsSuccessStatusCode)
        {
            return (answer.StatusCode, string.Empty);
        }

        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(answer.StatusCode == HttpStatusCode.Unauthorized, answer.Headers.WwwAuthenticate.Count > 0);
        using var problem = JsonDocument.Parse(body);
        Assert.Equal((int)answer.StatusCode, problem.RootElement.GetProperty("status").GetInt32());
        return (answer.StatusCode, problem.RootElement.GetProperty("type").GetString()!.Split(':')[^1]);
    }

    [Fact]
    public async Task Roles_open_what_they_are_for_and_an_operator_everything()
    {
        await using var service = await ServiceApp.StartAsync(SampleApp.Build);
        var tokens = service.Tokens;
        Assert.Equal((HttpStatusCode.OK, ""), await AskAsync(service, tokens.Publisher, "/v1/publish", HttpMethod.Post));
        Assert.Equal((HttpStatusCode.Forbidden, "AUTHZ_ROLE"), await AskAsync(service, tokens.Controller, "/v1/publish", HttpMethod.Post));
        Assert.Equal((HttpStatusCode.Forbidden, "AUTHZ_ROLE"), await AskAsync(service, tokens.Publisher, "/v1/control", HttpMethod.Post));
        Assert.Equal((HttpStatusCode.OK, ""), await AskAsync(service, tokens.Controller, "/v1/control", HttpMethod.Post));
        Assert.Equal((HttpStatusCode.OK, ""), await AskAsync(service, tokens.Operator, "/v1/publish", HttpMethod.Post));
        Assert.Equal((HttpStatusCode.OK, ""), await AskAsync(service, tokens.Operator, "/v1/control", HttpMethod.Post));
        Assert.Equal((HttpStatusCode.OK, ""), await AskAsync(service, tokens.Controller, "/v1/whoami"));
    }

    [Fact]
    public async Task Without_a_good_token_nothing_but_the_probes_answers()
    {
        await using var service = await ServiceApp.StartAsync(SampleApp.Build);
        Assert.Equal((HttpStatusCode.Unauthorized, "AUTHN_REQUIRED"), await AskAsync(service, null, "/v1/whoami"));
        Assert.Equal((HttpStatusCode.Unauthorized, "AUTHN_TOKEN"), await AskAsync(service, "guessed", "/v1/whoami"));
        Assert.Equal((HttpStatusCode.Unauthorized, "AUTHN_REQUIRED"), await AskAsync(service, null, $"/v1/whoami?access_token={service.Tokens.Operator}"));
        Assert.Equal((HttpStatusCode.OK, ""), await AskAsync(service, null, "/v1/open"));
        foreach (var path in new[] { "/health/live", "/health/ready", "/metrics", "/openapi/v1.json" })
        {
            Assert.Equal((HttpStatusCode.OK, ""), await AskAsync(service, null, path));
        }
    }

    [Fact]
    public async Task A_token_for_one_site_opens_no_other()
    {
        await using var service = await ServiceApp.StartAsync(SampleApp.Build);
        var scoped = await service.AddTokenAsync("site-1-only", Role.Controller, sites: ["site-1"]);
        Assert.Equal((HttpStatusCode.OK, ""), await AskAsync(service, scoped, "/v1/sites/site-1"));
        Assert.Equal((HttpStatusCode.Forbidden, "AUTHZ_SITE"), await AskAsync(service, scoped, "/v1/sites/site-2"));
        Assert.Equal((HttpStatusCode.Forbidden, "AUTHZ_SITE"), await AskAsync(service, scoped, "/v1/sites/SITE-1"));
    }

    [Fact]
    public async Task Tokens_come_and_go_without_a_restart_and_a_broken_file_changes_nothing()
    {
        var time = new ManualTimeProvider();
        await using var service = await ServiceApp.StartAsync(args => SampleApp.Build(args, builder => builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time))));
        var added = service.Tokens.Add("new", Role.Controller);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(service, added, "/v1/whoami")).Status);
        time.Advance(Duration.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(service, added, "/v1/whoami")).Status);

        service.Tokens.Remove("new");
        time.Advance(Duration.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(service, added, "/v1/whoami")).Status);

        await File.WriteAllTextAsync(service.Tokens.File, "{ \"tokens\": [ {");
        time.Advance(Duration.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(service, service.Tokens.Operator, "/v1/whoami")).Status);
    }

    [Theory]
    [InlineData("Basic dXNlcjpwYXNz")]
    [InlineData("Bearer")]
    [InlineData("Bearer  ")]
    public async Task Other_schemes_and_empty_tokens_are_no_tokens(string header)
    {
        await using var service = await ServiceApp.StartAsync(SampleApp.Build);
        using var client = service.Client();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);
        using var answer = await client.GetAsync("/v1/whoami");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(new AuthenticationHeaderValue("Bearer"), Assert.Single(answer.Headers.WwwAuthenticate));
    }

    [Theory]
    [InlineData("""{"tokens":[{"id":"a","sha256":"tooshort","tenant":"default","role":"operator"}]}""")]
    [InlineData("""{"tokens":[{"id":"a","sha256":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","role":"king"}]}""")]
    [InlineData("""{"tokens":[{"id":"a","sha256":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","role":2}]}""")]
    [InlineData("""{"tokens":[{"id":"a","sha256":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","role":"operator","site":["x"]}]}""")]
    [InlineData("""{}""")]
    [InlineData("")]
    public void A_tokens_file_that_does_not_say_what_it_should_is_refused(string text)
    {
        var folder = TestFolders.Create();
        var file = Path.Combine(folder, "tokens.json");
        File.WriteAllText(file, text);
        var refusal = Assert.Throws<StartException>(() => TokenFile.Read(file));
        Assert.Contains(file, refusal.Message, StringComparison.Ordinal);
        TestFolders.Remove(folder);
    }

    [Fact]
    public void The_tokens_file_holds_no_token_and_is_for_its_owner_only()
    {
        var folder = TestFolders.Create();
        var tokens = new TestTokens(folder);
        Assert.DoesNotContain(tokens.Operator, File.ReadAllText(tokens.File), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(tokens.File));
        }

        TestFolders.Remove(folder);
    }
}
