using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Hosting.Tests.Auth;

/// <summary>Access tokens of an authorization server beside those of the tokens file: the good one, and every way to make a bad one that we know.</summary>
public sealed class AccessTokenTests : IClassFixture<AccessTokenRig>
{
    private readonly AccessTokenRig rig;

    public AccessTokenTests(AccessTokenRig rig)
    {
        this.rig = rig;
        rig.Reset();
    }

    [Fact]
    public async Task A_good_token_opens_what_its_claims_say_and_a_static_one_still_opens_its_own()
    {
        Assert.Equal((HttpStatusCode.OK, "oauth:someone"), await rig.AskAsync(rig.Token()));
        Assert.Equal((HttpStatusCode.OK, "operator"), await rig.AskAsync(rig.Service.Tokens.Operator));
        var controller = rig.Token(claims => (claims["roles"], claims["sites"]) = ("controller", new JsonArray("site-1")));
        Assert.Equal(HttpStatusCode.OK, (await rig.AskAsync(controller, "/v1/sites/site-1")).Status);
        Assert.StartsWith("AUTHZ_SITE", (await rig.AskAsync(controller, "/v1/sites/site-2")).Said, StringComparison.Ordinal);
        Assert.StartsWith("AUTHZ_ROLE", (await rig.AskAsync(controller, "/v1/publish", HttpMethod.Post)).Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rsa_keys_sign_as_RS256_and_PS256()
    {
        using var key = rig.Issuer.AddRsaKey("rsa");
        rig.Time.Advance(Duration.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await rig.AskAsync(TestIssuer.Token(key, "rsa", rig.Claims()))).Status);
        Assert.Equal(HttpStatusCode.OK, (await rig.AskAsync(TestIssuer.Token(key, "rsa", rig.Claims(), pss: true))).Status);
    }

    public static TheoryData<string, string> Bad => new()
    {
        { "iss", "another issuer" }, { "aud", "another audience" }, { "no aud", "another audience" }, { "aud with a slash", "another audience" }, { "exp", "has expired" }, { "no exp", "does not say when it ends" }, { "exp text", "does not say when it ends" },
        { "nbf", "begins in the future" }, { "nbf text", "can't be read" }, { "exp null", "can't be read" }, { "iat", "begins in the future" }, { "no tenant", "names no tenant" }, { "no role", "no role" }, { "bound", "not bound to the client certificate" },
        { "bound otherwise", "not bound to the client certificate" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Claims_that_do_not_hold_refuse_a_token_however_well_it_is_signed(string what, string because)
    {
        var now = rig.Time.GetUtcNow().ToUnixTimeSeconds();
        var token = rig.Token(claims => _ = what switch
        {
            "iss" => (object?)(claims["iss"] = "https://other.example"),
            "aud" => claims["aud"] = "other",
            "aud with a slash" => claims["aud"] = TestIssuer.Audience + "/",
            "no aud" => claims["aud"] = new JsonArray(),
            "exp" => claims["exp"] = now - 40,
            "no exp" => claims.Remove("exp"),
            "exp null" => claims["exp"] = null,
            "exp text" => claims["exp"] = "2999",
            "nbf" => claims["nbf"] = now + 40,
            "nbf text" => claims["nbf"] = "soon",
            "iat" => claims["iat"] = now + 40,
            "no tenant" => claims["tenant"] = null,
            "no role" => claims["roles"] = new JsonArray("king"),
            "bound" => claims["cnf"] = new JsonObject { ["x5t#S256"] = TestIssuer.Encoded(new byte[32]) },
            _ => claims["cnf"] = new JsonObject { ["jkt"] = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" },
        });
        var (status, said) = await rig.AskAsync(token);
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Contains(because, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clocks_may_differ_by_the_skew_and_no_more()
    {
        var now = rig.Time.GetUtcNow().ToUnixTimeSeconds();
        Assert.Equal(HttpStatusCode.OK, (await rig.AskAsync(rig.Token(claims => claims["exp"] = now - 20))).Status);
        Assert.Equal(HttpStatusCode.OK, (await rig.AskAsync(rig.Token(claims => claims["nbf"] = now + 25))).Status);
    }

    public static TheoryData<string> Forged => ["none", "empty signature", "HS256 with the public key", "another key", "changed claims", "unknown key", "no id and another key", "ES384", "crit", "token of another type", "id token", "id token of Keycloak", "half a pair", "half a pair in the head", "half a pair, signed", "doubled claim", "doubled head", "array", "three dots of nothing", "weak rsa", "key for encryption", "symmetric key"];

    [Theory]
    [MemberData(nameof(Forged))]
    public async Task A_forged_token_is_refused(string how)
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var claims = rig.Claims().ToJsonString();
        byte[] Sign(byte[] bytes) => rig.Key.SignData(bytes, HashAlgorithmName.SHA256);
        var token = how switch
        {
            "none" => TestIssuer.Token(TestIssuer.Head("none", "k1"), claims, _ => []),
            "empty signature" => TestIssuer.Token(TestIssuer.Head("ES256", "k1"), claims, _ => []),
            "HS256 with the public key" => TestIssuer.Token(TestIssuer.Head("HS256", "k1"), claims, bytes => HMACSHA256.HashData(Encoding.UTF8.GetBytes(rig.Key.ExportSubjectPublicKeyInfoPem()), bytes)),
            "another key" => TestIssuer.Token(other, "k1", rig.Claims()),
            "changed claims" => Swapped(rig.Token(), rig.Claims(c => c["tenant"] = "other").ToJsonString()),
            "unknown key" => TestIssuer.Token(other, "k9", rig.Claims()),
            "no id and another key" => TestIssuer.Token(TestIssuer.Head("ES256", null), claims, bytes => other.SignData(bytes, HashAlgorithmName.SHA256)),
            "ES384" => TestIssuer.Token(TestIssuer.Head("ES384", "k1"), claims, bytes => rig.Key.SignData(bytes, HashAlgorithmName.SHA384)),
            "crit" => TestIssuer.Token("""{"alg":"ES256","kid":"k1","crit":["b64"],"b64":false}""", claims, Sign),
            "token of another type" => TestIssuer.Token(TestIssuer.Head("ES256", "k1", "logout+jwt"), claims, Sign),
            "id token" => TestIssuer.Token(TestIssuer.Head("ES256", "k1", "JWT"), rig.Claims(c => c["nonce"] = "n-0S6").ToJsonString(), Sign),
            "id token of Keycloak" => TestIssuer.Token(TestIssuer.Head("ES256", "k1", "JWT"), rig.Claims(c => c["typ"] = "ID").ToJsonString(), Sign),
            "half a pair" => TestIssuer.Token("""{"alg":"ES256"}""", """{"a":{"\ud800":1}}""", _ => [0]),
            "half a pair in the head" => TestIssuer.Token("""{"alg":"ES256","a":{"\ud800":1}}""", claims, Sign),
            "half a pair, signed" => TestIssuer.Token(TestIssuer.Head("ES256", "k1"), claims.Replace("someone", "\\ud800", StringComparison.Ordinal), Sign),
            "doubled claim" => TestIssuer.Token(TestIssuer.Head("ES256", "k1"), claims.Replace("{", "{\"tenant\":\"other\",", StringComparison.Ordinal), Sign),
            "doubled head" => TestIssuer.Token("""{"alg":"ES256","kid":"k1","alg":"ES256"}""", claims, Sign),
            "array" => TestIssuer.Token(TestIssuer.Head("ES256", "k1"), "[]", Sign),
            "weak rsa" => Published("weak", () => rig.Issuer.AddRsaKey("weak", 1024), key => TestIssuer.Token(key, "weak", rig.Claims())),
            "key for encryption" => Published("enc", () => rig.Issuer.AddEcKey("enc", "enc"), key => TestIssuer.Token(key, "enc", rig.Claims())),
            "symmetric key" => Published("oct", AddSymmetric, _ => TestIssuer.Token(TestIssuer.Head("HS256", "oct"), claims, bytes => HMACSHA256.HashData(new byte[64], bytes))),
            _ => "a.b.c",
        };
        var (status, said) = await rig.AskAsync(token);
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.StartsWith("AUTHN_TOKEN", said, StringComparison.Ordinal);
    }

    private ECDsa AddSymmetric()
    {
        rig.Issuer.Keys.Add(new JsonObject { ["kty"] = "oct", ["kid"] = "oct", ["k"] = TestIssuer.Encoded(new byte[64]) });
        return ECDsa.Create();
    }

    // Published a minute before, so that the service has fetched it when the token comes.
    private string Published<TKey>(string id, Func<TKey> add, Func<TKey, string> token)
        where TKey : IDisposable
    {
        using var key = add();
        rig.Time.Advance(Duration.FromMinutes(1));
        Assert.Contains(rig.Issuer.Keys, k => k["kid"]!.GetValue<string>() == id);
        return token(key);
    }

    private static string Swapped(string token, string claims)
    {
        var parts = token.Split('.');
        return $"{parts[0]}.{TestIssuer.Encoded(Encoding.UTF8.GetBytes(claims))}.{parts[2]}";
    }

    [Fact]
    public async Task A_new_key_counts_at_once_and_one_that_is_withdrawn_no_longer_than_ten_minutes()
    {
        using var next = rig.Issuer.AddEcKey("k2");
        rig.Time.Advance(Duration.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await rig.AskAsync(TestIssuer.Token(next, "k2", rig.Claims()))).Status);
        rig.Withdraw("k2");
        rig.Time.Advance(Duration.FromMinutes(10));

        // Nobody else has come meanwhile: the thief's own request finds that the key is gone.
        var (status, said) = await rig.AskAsync(TestIssuer.Token(next, "k2", rig.Claims()));
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Contains("does not publish", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_are_changed_without_an_id_or_under_the_old_one_count_at_once()
    {
        using var first = rig.Issuer.AddEcKey("turn");
        rig.Time.Advance(Duration.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await rig.AskAsync(TestIssuer.Token(first, "turn", rig.Claims()))).Status);
        rig.Withdraw("turn");
        using var second = rig.Issuer.AddEcKey("turn");
        rig.Time.Advance(Duration.FromSeconds(10));
        Assert.Equal(HttpStatusCode.OK, (await rig.AskAsync(TestIssuer.Token(second, "turn", rig.Claims()))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await rig.AskAsync(TestIssuer.Token(first, "turn", rig.Claims()))).Status);
        rig.Withdraw("turn");
        using var third = rig.Issuer.AddEcKey("other");
        rig.Time.Advance(Duration.FromSeconds(10));
        string NoId() => TestIssuer.Token(TestIssuer.Head("ES256", null), rig.Claims().ToJsonString(), bytes => third.SignData(bytes, HashAlgorithmName.SHA256));
        Assert.Equal(HttpStatusCode.OK, (await rig.AskAsync(NoId())).Status);

        // So many keys are tried, and no more: each costs a verification.
        var more = Enumerable.Range(0, 7).Select(i => rig.Issuer.AddEcKey($"more-{i}")).ToList();
        more.ForEach(key => key.Dispose());
        rig.Time.Advance(Duration.FromMinutes(10));
        Assert.Contains("9 keys", (await rig.AskAsync(NoId())).Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_with_keys_that_nobody_knows_do_not_flood_the_issuer()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await rig.AskAsync(rig.Token());
        var asks = rig.Issuer.KeyAsks;
        for (var i = 0; i < 25; i++)
        {
            await rig.AskAsync(TestIssuer.Token(other, $"made-up-{i}", rig.Claims())); // a second each
        }

        Assert.InRange(rig.Issuer.KeyAsks - asks, 1, 3);
    }

    [Fact]
    public async Task A_client_whose_token_is_dead_learns_so_amid_a_neighbours_flood_and_comes_with_another()
    {
        var ct = TestContext.Current.CancellationToken;
        var secret = Path.GetTempFileName();
        await File.WriteAllTextAsync(secret, "s", ct);
        await using var service = await rig.StartAsync();
        using var gone = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var next = TestIssuer.Token(gone, "k1", rig.Claims());
        rig.Issuer.Tokens = (_, _) => (200, $$"""{"access_token":"{{next}}","token_type":"Bearer","expires_in":3600}""");
        using var link = new HubLink(new HubOptions { Url = service.Address.ToString(), TokenUrl = rig.Issuer.Issuer + "/token", ClientId = "site", ClientSecretFile = secret }, rig.Time);
        using var flooder = service.Client("guess");
        for (var i = 0; i < 25; i++)
        {
            using var guess = await flooder.GetAsync("/v1/whoami", ct);
        }

        using (var first = await link.Http.GetAsync("v1/whoami", ct))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, first.StatusCode);
            Assert.Equal("error=\"invalid_token\"", Assert.Single(first.Headers.WwwAuthenticate).Parameter);
        }

        next = rig.Token();
        rig.Time.Advance(Duration.FromSeconds(30)); // for so long a token that was just fetched is kept
        for (var i = 0; i < 60; i++)
        {
            using var guess = await flooder.GetAsync("/v1/whoami", ct); // and drains the address again
        }

        using (var second = await link.Http.GetAsync("v1/whoami", ct))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        }

        Assert.Equal("oauth:someone", await link.Http.GetStringAsync("v1/whoami", ct));
        File.Delete(secret);
    }

    [Fact]
    public async Task The_charset_that_an_issuer_names_does_not_matter()
    {
        rig.Issuer.ContentType = "application/json; charset=utf8";
        await using var service = await rig.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await rig.AskAsync(service, rig.Token())).Status);
    }

    [Fact]
    public async Task A_discovery_document_of_another_issuer_is_not_believed()
    {
        rig.Issuer.ClaimsToBe = "https://other.example";
        await using var service = await rig.StartAsync();
        var (status, said) = await rig.AskAsync(service, rig.Token());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("another issuer", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_may_come_from_a_file_and_a_wrong_one_ends_the_start()
    {
        var folder = TestFolders.Create();
        var file = Path.Combine(folder, "keys.json");
        var wrong = await Assert.ThrowsAsync<StartException>(() => rig.StartAsync($"--AccessTokens:KeysFile={file}"));
        Assert.Contains(file, wrong.Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, rig.Issuer.KeySet());
        await using (var service = await rig.StartAsync($"--AccessTokens:KeysFile={file}", "--AccessTokens:RequireCertificate=false"))
        {
            var asks = rig.Issuer.KeyAsks;
            Assert.Equal(HttpStatusCode.OK, (await rig.AskAsync(service, rig.Token())).Status);
            Assert.Equal(asks, rig.Issuer.KeyAsks);
        }

        await using (var strict = await rig.StartAsync($"--AccessTokens:KeysFile={file}", "--AccessTokens:RequireCertificate=true"))
        {
            Assert.StartsWith("AUTHN_UNTRUSTED", (await rig.AskAsync(strict, rig.Token())).Said, StringComparison.Ordinal);
        }

        TestFolders.Remove(folder);
    }

    [Fact]
    public async Task An_endless_answer_ends_with_its_token()
    {
        var context = await BeginAsync(rig.Token(claims => claims["exp"] = rig.Time.GetUtcNow().ToUnixTimeSeconds()));
        Assert.True(context.TokenStillValid());
        rig.Time.Advance(Duration.FromSeconds(30)); // the skew
        Assert.False(context.TokenStillValid());
    }

    [Fact]
    public async Task An_endless_answer_ends_with_the_key_of_its_token_and_after_a_day()
    {
        using var next = rig.Issuer.AddEcKey("k2");
        rig.Time.Advance(Duration.FromMinutes(1));
        var forEver = rig.Claims(claims => claims["exp"] = rig.Time.GetUtcNow().AddYears(200).ToUnixTimeSeconds());
        var (stolen, good) = (await BeginAsync(TestIssuer.Token(next, "k2", forEver)), await BeginAsync(TestIssuer.Token(rig.Key, "k1", forEver)));
        rig.Withdraw("k2");
        Assert.True(stolen.TokenStillValid());
        rig.Time.Advance(Duration.FromMinutes(10));
        await Until.HoldsAsync(() => !stolen.TokenStillValid()); // the first beat looks again, and one after it sees
        Assert.True(good.TokenStillValid());
        rig.Time.Advance(Duration.FromDays(1));
        await rig.AskAsync(rig.Token());
        Assert.False(good.TokenStillValid());
    }

    private async Task<DefaultHttpContext> BeginAsync(string token)
    {
        var services = rig.Service.App.Services;
        var verdict = await services.GetRequiredService<AccessTokenVerifier>().VerifyAsync(token, null, TestContext.Current.CancellationToken);
        var context = new DefaultHttpContext { RequestServices = services };
        CallerExtensions.SetTerm(context, Assert.IsType<AccessTokenVerdict.Good>(verdict).Term);
        return context;
    }
}
