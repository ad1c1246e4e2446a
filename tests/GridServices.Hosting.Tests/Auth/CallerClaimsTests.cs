using System.Text.Json;
using GridServices.Hosting.Auth;

namespace GridServices.Hosting.Tests.Auth;

/// <summary>From claims to a caller: what is not said is never "all".</summary>
public sealed class CallerClaimsTests
{
    private static readonly AccessTokenOptions Plain = new();

    private static (Caller? Caller, string Fault) Read(string claims, AccessTokenOptions? options = null)
    {
        using var json = JsonDocument.Parse(claims);
        var caller = new CallerClaims(options ?? Plain).Read(json.RootElement, out var fault);
        Assert.Equal(caller is null, fault.Length > 0);
        return (caller, fault);
    }

    [Fact]
    public void Tenant_role_and_sites_come_from_their_claims()
    {
        var caller = Read("""{"sub":"gw-7","tenant":"north","roles":["offline_access","controller"],"sites":["site-7","site-8"]}""").Caller!;
        Assert.Equal(("oauth:gw-7", "north", Role.Controller), (caller.TokenId, caller.Tenant, caller.Role));
        Assert.True(caller.MayAct("site-7"));
        Assert.False(caller.MayAct("site-9"));
        Assert.Null(Read("""{"client_id":"ops","tenant":"north","roles":"viewer email","sites":"*"}""").Caller!.Sites);
        Assert.Null(Read("""{"sub":"openadr","tenant":"north","roles":["publisher"]}""").Caller!.Sites);
    }

    [Theory]
    [InlineData("""{"tenant":"t","roles":["operator"]}""", "names nobody")]
    [InlineData("""{"sub":"","tenant":"t","roles":["operator"]}""", "names nobody")]
    [InlineData("""{"sub":"a\u0000b","tenant":"t","roles":["operator"]}""", "names nobody")]
    [InlineData("""{"sub":"a\u0000b","client_id":"portal","tenant":"t","roles":["operator"]}""", "names nobody")]
    [InlineData("""{"sub":7,"tenant":"t","roles":["operator"]}""", "names nobody")]
    [InlineData("""{"sub":"a","roles":["operator"]}""", "names no tenant")]
    [InlineData("""{"sub":"a","tenant":["t"],"roles":["operator"]}""", "names no tenant")]
    [InlineData("""{"sub":"a","tenant":" ","roles":["operator"]}""", "names no tenant")]
    [InlineData("""{"sub":"a","tenant":"t"}""", "no role")]
    [InlineData("""{"sub":"a","tenant":"t","roles":["Operator","root"]}""", "no role")]
    [InlineData("""{"sub":"a","tenant":"t","roles":[["operator"]]}""", "no role")]
    [InlineData("""{"sub":"a","tenant":"t","roles":{"operator":true}}""", "no role")]
    [InlineData("""{"sub":"a","tenant":"t","roles":["viewer","dispatcher"],"sites":"*"}""", "several roles")]
    [InlineData("""{"sub":"a","tenant":"t","roles":["controller"]}""", "names no sites")]
    [InlineData("""{"sub":"a","tenant":"t","roles":["viewer"]}""", "names no sites")]
    [InlineData("""{"sub":"a","tenant":"t","roles":["controller"],"sites":[]}""", "no list")]
    [InlineData("""{"sub":"a","tenant":"t","roles":["operator"],"sites":[]}""", "no list")]
    [InlineData("""{"sub":"a","tenant":"t","roles":["operator"],"sites":null}""", "no list")]
    [InlineData("""{"sub":"a","tenant":"t","roles":["controller"],"sites":[1]}""", "no list")]
    [InlineData("""{"sub":"a","tenant":"t","roles":["controller"],"sites":["s","*"]}""", "beside other sites")]
    [InlineData("""{"sub":"a","tenant":"t","roles":["customer"],"sites":"*"}""", "must name its sites")]
    public void What_is_missing_or_not_understood_is_a_refusal(string claims, string because)
    {
        var (caller, fault) = Read(claims);
        Assert.Null(caller);
        Assert.Contains(because, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void The_issuers_own_words_paths_and_tenant_can_be_set()
    {
        var options = new AccessTokenOptions { RolesClaim = "realm_access.roles", Roles = "https://x.example/grid=operator, gw=controller", TenantClaim = "https://x.example/tenant", SitesClaim = "a.b.c" };
        var caller = Read("""{"sub":"a","https://x.example/tenant":"t","realm_access":{"roles":["gw","operator"]},"a":{"b.c":["s"]}}""", options).Caller!;
        Assert.Equal((Role.Controller, "s"), (caller.Role, Assert.Single(caller.Sites!)));

        // Our own word is none where the words are the issuer's.
        Assert.Contains("no role", Read("""{"sub":"a","https://x.example/tenant":"t","realm_access":{"roles":["operator"]}}""", options).Fault, StringComparison.Ordinal);
        var fixedTenant = new AccessTokenOptions { Tenant = "t" };
        Assert.Equal("t", Read("""{"sub":"a","roles":["operator"]}""", fixedTenant).Caller!.Tenant);
        Assert.Contains("names no tenant", Read("""{"sub":"a","tenant":"u","roles":["operator"]}""", fixedTenant).Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://login.example/", "aud", "ES256", null, "must be an https address")]
    [InlineData("login", "aud", "ES256", null, "must be an https address")]
    [InlineData("https://login.example/", null, "ES256", null, "AccessTokens:Audience is missing")]
    [InlineData("https://login.example/", "aud", "none", null, "AccessTokens:Algorithms")]
    [InlineData("https://login.example/", "aud", "ES256 HS256", null, "AccessTokens:Algorithms")]
    [InlineData("https://login.example/", "aud", "", null, "AccessTokens:Algorithms")]
    [InlineData("https://login.example/", "aud", "ES256", "x=king", "AccessTokens:Roles")]
    [InlineData("https://login.example/", "aud", "ES256", "operator", "AccessTokens:Roles")]
    [InlineData("https://login.example/", "aud", "ES256", "x=viewer,x=admin", "AccessTokens:Roles")]
    [InlineData("https://login.example/", "aud", "ES256", " , ", "names no role")]
    [InlineData(null, "aud", "ES256", null, "AccessTokens:Issuer is missing")]
    public void Settings_that_would_let_strangers_in_are_refused(string? issuer, string? audience, string algorithms, string? roles, string because) =>
        Assert.Contains(because, Assert.Single(new AccessTokenOptions { Issuer = issuer, Audience = audience, Algorithms = algorithms, Roles = roles }.Validate()), StringComparison.Ordinal);

    [Fact]
    public void Settings_that_can_be_meant_are_taken()
    {
        Assert.Empty(new AccessTokenOptions().Validate());
        Assert.Empty(new AccessTokenOptions { Issuer = "https://login.example/realms/grid", Audience = "gridservices" }.Validate());
        Assert.Empty(new AccessTokenOptions { Issuer = "http://127.0.0.1:8080", Audience = "gridservices", Roles = "ops=operator" }.Validate());
    }
}
