using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting.Tests.Sample;

/// <summary>An authorization server on this machine: discovery, keys, a token endpoint, and tokens of any kind, good and bad.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    public const string Audience = "gridservices";
    private readonly WebApplication _app;
    private int _keyAsks;
    private int _discoveries;
    private int _tokenAsks;

    private TestIssuer(WebApplication app) => _app = app;

    public string Issuer => _app.Urls.First();

    /// <summary>What <c>/keys</c> answers; change it to rotate.</summary>
    public List<JsonObject> Keys { get; } = [];

    /// <summary>Answers 503 to everything.</summary>
    public bool IsAway { get; set; }

    /// <summary>The issuer that its discovery document claims to be; null: its own.</summary>
    public string? ClaimsToBe { get; set; }

    /// <summary>What its discovery document says of the issuer, as raw JSON; null: <see cref="ClaimsToBe"/>.</summary>
    public string? RawIssuer { get; set; }

    /// <summary>The content type of everything it answers.</summary>
    public string ContentType { get; set; } = "application/json";

    public int KeyAsks => Volatile.Read(ref _keyAsks);

    public int Discoveries => Volatile.Read(ref _discoveries);

    public int TokenAsks => Volatile.Read(ref _tokenAsks);

    /// <summary>What the token endpoint gives out, by what it was asked.</summary>
    public Func<HttpRequest, IFormCollection, (int Status, string Body)> Tokens { get; set; } = (_, _) => (500, "{}");

    public static async Task<TestIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var issuer = new TestIssuer(app);
        app.Use((context, next) => issuer.IsAway ? Refuse(context) : next(context));
        app.MapGet("/.well-known/openid-configuration", issuer.AnswerDiscovery);
        app.MapGet("/keys", issuer.AnswerKeys);
        app.MapPost("/token", issuer.AnswerTokenAsync);
        await app.StartAsync();
        return issuer;
    }

    public string KeySet() => new JsonObject { ["keys"] = new JsonArray([.. Keys.Select(key => (JsonNode)key.DeepClone())]) }.ToJsonString();

    /// <summary>Makes and publishes a key for ES256.</summary>
    public ECDsa AddEcKey(string id, string use = "sig")
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(false).Q;
        Keys.Add(new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["kid"] = id, ["use"] = use, ["x"] = Encoded(point.X!), ["y"] = Encoded(point.Y!) });
        return key;
    }

    /// <summary>Makes and publishes a key for RS256 and PS256.</summary>
    public RSA AddRsaKey(string id, int bits = 2048)
    {
        var key = RSA.Create(bits);
        var parts = key.ExportParameters(false);
        Keys.Add(new JsonObject { ["kty"] = "RSA", ["kid"] = id, ["use"] = "sig", ["n"] = Encoded(parts.Modulus!), ["e"] = Encoded(parts.Exponent!) });
        return key;
    }

    /// <summary>Claims of an operator of tenant default, good for five minutes.</summary>
    public JsonObject Claims(DateTimeOffset now) => new()
    {
        ["iss"] = Issuer,
        ["aud"] = Audience,
        ["sub"] = "someone",
        ["iat"] = now.ToUnixTimeSeconds(),
        ["exp"] = now.ToUnixTimeSeconds() + 300,
        ["tenant"] = "default",
        ["roles"] = new JsonArray("operator"),
    };

    /// <summary>A token with this head and these claims, or with text in their place.</summary>
    public static string Token(string head, string claims, Func<byte[], byte[]> sign)
    {
        var signed = $"{Encoded(Encoding.UTF8.GetBytes(head))}.{Encoded(Encoding.UTF8.GetBytes(claims))}";
        return $"{signed}.{Encoded(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    public static string Token(ECDsa key, string id, JsonObject claims) => Token(Head("ES256", id), claims.ToJsonString(), bytes => key.SignData(bytes, HashAlgorithmName.SHA256));

    public static string Token(RSA key, string id, JsonObject claims, bool pss = false) =>
        Token(Head(pss ? "PS256" : "RS256", id), claims.ToJsonString(), bytes => key.SignData(bytes, HashAlgorithmName.SHA256, pss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1));

    public static string Head(string algorithm, string? id, string type = "at+jwt") => JsonSerializer.Serialize(new Dictionary<string, string?> { ["alg"] = algorithm, ["typ"] = type, ["kid"] = id });

    public static string Encoded(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private RawAnswer AnswerKeys()
    {
        Interlocked.Increment(ref _keyAsks);
        return new RawAnswer(KeySet(), ContentType);
    }

    private RawAnswer AnswerDiscovery()
    {
        Interlocked.Increment(ref _discoveries);
        return new RawAnswer($$"""{"issuer":{{RawIssuer ?? JsonSerializer.Serialize(ClaimsToBe ?? Issuer)}},"jwks_uri":"{{Issuer}}/keys"}""", ContentType);
    }

    private async Task<IResult> AnswerTokenAsync(HttpRequest request)
    {
        Interlocked.Increment(ref _tokenAsks);
        var (status, body) = Tokens(request, await request.ReadFormAsync());
        return Results.Text(body, "application/json", statusCode: status);
    }

    private static Task Refuse(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    }

    /// <summary>Text under a content type of any kind, right or wrong.</summary>
    private sealed class RawAnswer(string text, string contentType) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.ContentType = contentType;
            return httpContext.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask();
        }
    }
}
