using System.Net;
using System.Net.Http.Headers;
using System.Text;
using GridServices.Client.Access;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.Client.Tests.Access;

/// <summary>OAuth 2.0 client credentials: fetched once for all who ask, renewed before the end, never shown.</summary>
public sealed class AccessTokenSourceTests : IDisposable
{
    private const string Secret = "s3cret +/&=%";
    private readonly string folder = TestFolders.Create();
    private readonly ManualTimeProvider time = new();
    private readonly TokenEndpoint endpoint = new();

    private string SecretFile => Path.Combine(folder, "secret");

    private ClientCredentials Credentials => new() { TokenUrl = new Uri("https://login.example/token"), ClientId = "gw:7", SecretFile = SecretFile, Scope = "grid.read grid.write", Audience = "gridservices" };

    public AccessTokenSourceTests() => File.WriteAllText(SecretFile, Secret + "\n");

    public void Dispose()
    {
        endpoint.Dispose();
        TestFolders.Remove(folder);
    }

    [Fact]
    public async Task The_request_is_as_the_standard_says_and_the_token_is_kept()
    {
        using var source = new AccessTokenSource(Credentials, endpoint, time);
        Assert.Equal("token-1", await source.GetAsync(TestContext.Current.CancellationToken));
        Assert.Equal("token-1", await source.GetAsync(TestContext.Current.CancellationToken));
        var (authorization, body) = Assert.Single(endpoint.Requests);
        Assert.Equal("grant_type=client_credentials&scope=grid.read+grid.write&audience=gridservices", body);
        Assert.Equal("Basic", authorization!.Scheme);
        Assert.Equal($"gw%3A7:{Uri.EscapeDataString(Secret)}", Encoding.UTF8.GetString(Convert.FromBase64String(authorization.Parameter!)));
    }

    [Fact]
    public async Task Without_a_secret_the_connections_certificate_speaks_and_the_id_goes_along()
    {
        using var source = new AccessTokenSource(Credentials with { SecretFile = null, Scope = null, Audience = null }, endpoint, time);
        await source.GetAsync(TestContext.Current.CancellationToken);
        var (authorization, body) = Assert.Single(endpoint.Requests);
        Assert.Null(authorization);
        Assert.Equal("grant_type=client_credentials&client_id=gw%3A7", body);
    }

    [Fact]
    public async Task A_token_is_renewed_before_it_ends_and_given_out_until_the_next_one_is_there()
    {
        using var source = new AccessTokenSource(Credentials, endpoint, time);
        await source.GetAsync(TestContext.Current.CancellationToken);
        time.Advance(Duration.FromSeconds(239)); // of 300
        Assert.Equal("token-1", await source.GetAsync(TestContext.Current.CancellationToken));
        Assert.Single(endpoint.Requests);
        endpoint.Hold();
        time.Advance(Duration.FromSeconds(1));
        Assert.Equal("token-1", await source.GetAsync(TestContext.Current.CancellationToken));
        Assert.Equal("token-1", await source.GetAsync(TestContext.Current.CancellationToken));
        endpoint.Release();
        await Until.HoldsAsync(async () => await source.GetAsync(TestContext.Current.CancellationToken), token => token == "token-2");
        Assert.Equal(2, endpoint.Requests.Count);
    }

    [Fact]
    public async Task One_request_serves_all_who_wait()
    {
        using var source = new AccessTokenSource(Credentials, endpoint, time);
        endpoint.Hold();
        var asking = Enumerable.Range(0, 50).Select(_ => source.GetAsync(TestContext.Current.CancellationToken).AsTask()).ToList();
        endpoint.Release();
        Assert.All(await Task.WhenAll(asking), token => Assert.Equal("token-1", token));
        Assert.Single(endpoint.Requests);
    }

    [Fact]
    public async Task After_a_failure_the_server_is_left_alone_for_a_growing_while()
    {
        using var source = new AccessTokenSource(Credentials with { FirstRetry = Duration.FromSeconds(10) }, endpoint, time);
        endpoint.Answer = (HttpStatusCode.Unauthorized, """{"error":"invalid_client","error_description":"the secret s3cret is wrong"}""");
        foreach (var (wait, requests) in new[] { (0, 1), (1, 1), (12, 2), (12, 2), (13, 3) })
        {
            time.Advance(Duration.FromSeconds(wait));
            var fault = await Assert.ThrowsAsync<HttpRequestException>(async () => await source.GetAsync(TestContext.Current.CancellationToken));
            Assert.Equal("No access token from https://login.example/token for 'gw:7': it answered 401 (invalid_client)", fault.Message);
            Assert.Equal(requests, endpoint.Requests.Count);
        }

        endpoint.Answer = null;
        time.Advance(Duration.FromMinutes(1));
        Assert.Equal("token-4", await source.GetAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_token_that_was_refused_is_not_given_out_again_but_a_new_one_is_not_thrown_away_for_it()
    {
        using var source = new AccessTokenSource(Credentials, endpoint, time);
        var first = await source.GetAsync(TestContext.Current.CancellationToken);
        source.Forget(first); // just fetched: another would be no better
        Assert.Equal(first, await source.GetAsync(TestContext.Current.CancellationToken));
        time.Advance(Duration.FromSeconds(30));
        source.Forget(first);
        var second = await source.GetAsync(TestContext.Current.CancellationToken);
        Assert.Equal("token-2", second);
        time.Advance(Duration.FromSeconds(30));
        source.Forget(first);
        Assert.Equal(second, await source.GetAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(200, "<html>portal</html>", "not as a token endpoint does")]
    [InlineData(200, """{"access_token":"leaked-token","token_type":"mac"}""", "no bearer token")]
    [InlineData(200, """{"access_token":"leaked\r\nX-Evil: 1","token_type":"Bearer"}""", "holds no token")]
    [InlineData(200, """{"access_token":"leaked-token","token_type":"Bearer","expires_in":"soon"}""", "expires_in")]
    [InlineData(200, """{"token_type":"Bearer"}""", "holds no token")]
    [InlineData(200, """{"access_token":"\ud800","token_type":"Bearer"}""", "holds no token")]
    [InlineData(200, """{"access_token":"leaked-token","token_type":"\ud800"}""", "no bearer token")]
    [InlineData(400, """{"error":"\udc00"}""", "it answered 400")]
    [InlineData(302, "{}", "it answered 302")]
    [InlineData(500, """{"error":"leaked token in a code"}""", "it answered 500")]
    public async Task What_is_no_token_is_told_and_nothing_of_it_shown(int status, string body, string because)
    {
        using var source = new AccessTokenSource(Credentials, endpoint, time);
        endpoint.Answer = ((HttpStatusCode)status, body);
        var fault = await Assert.ThrowsAsync<HttpRequestException>(async () => await source.GetAsync(TestContext.Current.CancellationToken));
        Assert.Contains(because, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("leaked", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_that_is_not_there_is_told_by_its_file()
    {
        using var source = new AccessTokenSource(Credentials with { SecretFile = SecretFile + ".gone" }, endpoint, time);
        var fault = await Assert.ThrowsAsync<HttpRequestException>(async () => await source.GetAsync(TestContext.Current.CancellationToken));
        Assert.Contains(SecretFile + ".gone", fault.Message, StringComparison.Ordinal);
        Assert.Empty(endpoint.Requests);
    }

    [Fact]
    public async Task Whatever_fails_is_told_in_one_way_and_followed_by_a_pause()
    {
        using var source = new AccessTokenSource(Credentials with { FirstRetry = Duration.FromSeconds(10) }, endpoint, time);
        endpoint.Fault = new ObjectDisposedException("the transport");
        for (var i = 0; i < 3; i++)
        {
            var fault = await Assert.ThrowsAsync<HttpRequestException>(async () => await source.GetAsync(TestContext.Current.CancellationToken));
            Assert.StartsWith("No access token from https://login.example/token", fault.Message, StringComparison.Ordinal);
        }

        Assert.Single(endpoint.Requests);
    }

    [Fact]
    public async Task A_token_of_a_second_does_not_have_the_server_asked_for_each_request()
    {
        using var source = new AccessTokenSource(Credentials, endpoint, time);
        endpoint.Answer = (HttpStatusCode.OK, """{"access_token":"short","token_type":"Bearer","expires_in":1}""");
        for (var i = 0; i < 10; i++)
        {
            await source.GetAsync(TestContext.Current.CancellationToken);
            time.Advance(Duration.FromSeconds(1));
        }

        Assert.Single(endpoint.Requests);
        await source.GetAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, endpoint.Requests.Count);
    }

    [Fact]
    public void A_secret_file_without_a_name_is_no_certificate() =>
        Assert.Contains("The secret file has no name", Assert.Throws<ArgumentException>(() => new AccessTokenSource(Credentials with { SecretFile = string.Empty }, endpoint, time)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_hub_client_fetches_its_token_over_the_transport_that_is_given_for_it()
    {
        var shown = new Shown();
        var options = new HubClientOptions
        {
            Hub = new Uri("http://hub.example/"),
            Token = string.Empty,
            SiteId = "s1",
            Credentials = Credentials with { SecretFile = null },
            CredentialsHandler = endpoint,
        };
        using var client = new HubClient(options, shown);
        await Assert.ThrowsAsync<HubTalkException>(() => client.GetSetAsync(TestContext.Current.CancellationToken));
        Assert.Equal("Bearer token-1", shown.Last);
    }

    [Theory]
    [InlineData("Bearer error=\"invalid_token\"", "token-2")]
    [InlineData("Bearer", "token-1")]
    [InlineData(null, "token-1")]
    public async Task Who_is_slowed_down_fetches_another_token_only_where_its_own_is_called_invalid(string? asked, string then)
    {
        var shown = new Shown { Status = HttpStatusCode.TooManyRequests, Asked = asked };
        using var http = new HttpClient(new AccessTokenHandler(new AccessTokenSource(Credentials, endpoint, time), shown));
        using var first = await http.GetAsync(new Uri("http://hub.example/"), TestContext.Current.CancellationToken);
        time.Advance(Duration.FromMinutes(1));
        using var second = await http.GetAsync(new Uri("http://hub.example/"), TestContext.Current.CancellationToken);
        using var third = await http.GetAsync(new Uri("http://hub.example/"), TestContext.Current.CancellationToken);
        Assert.Equal($"Bearer {then}", third.ReasonPhrase);
    }

    [Theory]
    [InlineData("http://login.example/token", "id")]
    [InlineData("https://login.example/token", " ")]
    public void A_secret_goes_nowhere_in_clear(string url, string id) =>
        Assert.Throws<ArgumentException>(() => new AccessTokenSource(new ClientCredentials { TokenUrl = new Uri(url), ClientId = id }, endpoint, time));

    [Fact]
    public async Task A_hub_client_with_credentials_sends_the_token_that_was_fetched_for_it()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.MapPost("/token", () => Results.Text("""{"access_token":"fetched","token_type":"Bearer","expires_in":60}""", "application/json"));
        await app.StartAsync(TestContext.Current.CancellationToken);
        var shown = new Shown();
        var options = new HubClientOptions { Hub = new Uri("http://hub.example/"), Token = string.Empty, SiteId = "s1", Credentials = Credentials with { TokenUrl = new Uri(app.Urls.Single() + "/token"), Timeout = Duration.FromMinutes(5) } };
        using var client = new HubClient(options, shown);
        var refused = await Assert.ThrowsAsync<HubTalkException>(() => client.GetSetAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
        Assert.Equal("Bearer fetched", shown.Last);
    }

    [Fact]
    public async Task A_token_that_is_answered_401_is_followed_by_another()
    {
        var hub = new Uri("http://hub.example/");
        using var sender = new AccessTokenHandler(new AccessTokenSource(Credentials, endpoint, time), new Shown());
        using var http = new HttpClient(sender);
        using var answer = await http.GetAsync(hub, TestContext.Current.CancellationToken);
        Assert.Equal("Bearer token-1", answer.ReasonPhrase);
        time.Advance(Duration.FromMinutes(1));
        using var again = await http.GetAsync(hub, TestContext.Current.CancellationToken);
        Assert.Equal("Bearer token-1", again.ReasonPhrase); // it was just fetched when it was refused
        using var other = await http.GetAsync(hub, TestContext.Current.CancellationToken);
        Assert.Equal("Bearer token-2", other.ReasonPhrase);
    }

    /// <summary>Answers 401, or what a test says, and tells what was shown.</summary>
    private sealed class Shown : HttpMessageHandler
    {
        public HttpStatusCode Status { get; init; } = HttpStatusCode.Unauthorized;

        public string? Asked { get; init; }

        public string? Last { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Last = request.Headers.Authorization?.ToString();
            var answer = new HttpResponseMessage(Status) { ReasonPhrase = Last };
            if (Asked is not null)
            {
                answer.Headers.TryAddWithoutValidation("WWW-Authenticate", Asked);
            }

            return Task.FromResult(answer);
        }
    }

    /// <summary>Gives out token-1, token-2 … for 300 seconds each, or what a test says.</summary>
    private sealed class TokenEndpoint : HttpMessageHandler
    {
        private readonly Lock gate = new();
        private readonly List<(AuthenticationHeaderValue? Authorization, string Body)> requests = [];
        private volatile TaskCompletionSource held = Done();

        public (HttpStatusCode Status, string Body)? Answer { get; set; }

        public Exception? Fault { get; set; }

        public IReadOnlyList<(AuthenticationHeaderValue? Authorization, string Body)> Requests
        {
            get
            {
                lock (gate)
                {
                    return [.. requests];
                }
            }
        }

        public void Hold() => held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => held.SetResult();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = await request.Content!.ReadAsStringAsync(cancellationToken);
            int count;
            lock (gate)
            {
                requests.Add((request.Headers.Authorization, body));
                count = requests.Count;
            }

            await held.Task.WaitAsync(cancellationToken);
            if (Fault is not null)
            {
                throw Fault;
            }

            var (status, text) = Answer ?? (HttpStatusCode.OK, $$"""{"access_token":"token-{{count}}","token_type":"bearer","expires_in":300}""");
            return new HttpResponseMessage(status) { Content = new StringContent(text) };
        }

        private static TaskCompletionSource Done()
        {
            var done = new TaskCompletionSource();
            done.SetResult();
            return done;
        }
    }
}
