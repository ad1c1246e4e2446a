using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace GridServices.Operations.Console.Tests;

/// <summary>Who sits at the provider's end.</summary>
internal sealed record ProviderPerson(string Subject, string Email, bool EmailVerified);

/// <summary>An OpenID Connect provider, as small as the code flow with PKCE allows: whoever comes is <see cref="Person"/>.</summary>
internal sealed class SmallProvider : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly RsaSecurityKey _key = new(RSA.Create(2048)) { KeyId = "k1" };
    private readonly ConcurrentDictionary<string, (string Challenge, string Nonce)> _codes = new(StringComparer.Ordinal);

    private SmallProvider(WebApplication app) => _app = app;

    internal Uri Address => new(_app.Urls.First());

    internal ProviderPerson Person { get; set; } = new("s-0", "nobody@example.com", EmailVerified: false);

    /// <summary>Every code was redeemed with the verifier of its challenge.</summary>
    internal bool PkceHeld { get; private set; }

    internal static async Task<SmallProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var provider = new SmallProvider(builder.Build());
        provider.Map();
        await provider._app.StartAsync();
        return provider;
    }

    private void Map()
    {
        _app.MapGet("/.well-known/openid-configuration", () =>
        {
            var issuer = Address.GetLeftPart(UriPartial.Authority);
            return Results.Json(new Dictionary<string, object>
            {
                ["issuer"] = issuer,
                ["authorization_endpoint"] = issuer + "/authorize",
                ["token_endpoint"] = issuer + "/token",
                ["jwks_uri"] = issuer + "/keys",
                ["response_types_supported"] = new[] { "code" },
                ["subject_types_supported"] = new[] { "public" },
                ["id_token_signing_alg_values_supported"] = new[] { "RS256" },
            });
        });
        _app.MapGet("/keys", () =>
        {
            var parameters = _key.Rsa.ExportParameters(includePrivateParameters: false);
            var key = new { kty = "RSA", use = "sig", kid = _key.KeyId, alg = "RS256", n = Base64UrlEncoder.Encode(parameters.Modulus), e = Base64UrlEncoder.Encode(parameters.Exponent) };
            return Results.Json(new { keys = new[] { key } });
        });
        _app.MapGet("/authorize", (HttpRequest request) =>
        {
            var code = Guid.NewGuid().ToString("N");
            _codes[code] = (request.Query["code_challenge"].ToString(), request.Query["nonce"].ToString());
            return Results.Redirect($"{request.Query["redirect_uri"]}?code={code}&state={Uri.EscapeDataString(request.Query["state"].ToString())}");
        });
        _app.MapPost("/token", TokenAsync);
    }

    private async Task<IResult> TokenAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        if (!_codes.TryRemove(form["code"].ToString(), out var asked)
            || Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) != asked.Challenge)
        {
            return Results.Json(new { error = "invalid_grant" }, statusCode: 400);
        }

        PkceHeld = true;
        var token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Address.GetLeftPart(UriPartial.Authority),
            Audience = "console",
            Claims = new Dictionary<string, object> { ["sub"] = Person.Subject, ["email"] = Person.Email, ["email_verified"] = Person.EmailVerified, ["nonce"] = asked.Nonce },
            SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.RsaSha256),
        });
        return Results.Json(new { access_token = "a", token_type = "Bearer", expires_in = 300, id_token = token });
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _key.Rsa.Dispose();
    }
}
