using System.Text;
using System.Text.Json;
using GridServices.Client.Access;
using GridServices.Contracts;
using Microsoft.IdentityModel.Tokens;

namespace GridServices.Hosting.Auth;

/// <summary>Where the issuer's keys come from: its discovery document and the key set that this names (OpenID Connect Discovery 1.0), or a file. Bounded, without redirects.</summary>
internal sealed class IssuerDocuments : IDisposable
{
    private const int MostBytes = 256 * 1024;
    private const int MostKeys = 64;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly AccessTokenOptions _options;
    private readonly HttpClient _http = new(new ConnectionFaultHandler(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    }))
    {
        Timeout = TimeSpan.FromSeconds(10),
        MaxResponseContentBufferSize = MostBytes,
    };

    public IssuerDocuments(AccessTokenOptions options) => _options = options;

    /// <summary>For the log.</summary>
    internal string Place => _options.KeysFile ?? _options.Issuer ?? string.Empty;

    /// <exception cref="IssuerAwayException">They are not to be had, or not what they should be.</exception>
    internal async Task<JsonWebKeySet> KeysAsync() => _options.KeysFile is { } file ? Read(await FileAsync(file), file) : await DiscoverAsync(_options.Issuer!);

    public void Dispose() => _http.Dispose();

    private async Task<JsonWebKeySet> DiscoverAsync(string issuer)
    {
        var about = issuer.TrimEnd('/') + "/.well-known/openid-configuration";
        using var document = Parsed(await GetAsync(about), about);
        if (!string.Equals(Text(document, "issuer", about), issuer, StringComparison.Ordinal))
        {
            throw new IssuerAwayException($"{about} speaks of another issuer than AccessTokens:Issuer {issuer}: both must be the same to the letter.");
        }

        var keys = Text(document, "jwks_uri", about);
        return AccessTokenOptions.MayBeTrusted(keys)
            ? Read(await GetAsync(keys!), keys!)
            : throw new IssuerAwayException($"{about} names no https address of keys (jwks_uri).");
    }

    private async Task<string> GetAsync(string address)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(address));
            return answer.IsSuccessStatusCode ? Decode(await answer.Content.ReadAsByteArrayAsync(), address) : throw new IssuerAwayException($"{address} answered {(int)answer.StatusCode}.");
        }
        catch (Exception away) when (away is HttpRequestException or OperationCanceledException or IOException)
        {
            throw new IssuerAwayException($"{address} was not reached: {SafeText.Line(away is OperationCanceledException ? "no answer in 10 s" : away.InnerException?.Message ?? away.Message)}.");
        }
    }

    // RFC 8259 8.1: JSON is UTF-8, whatever charset the answer names.
    private static string Decode(byte[] bytes, string address)
    {
        try
        {
            return Utf8.GetString(bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsSpan(Encoding.UTF8.Preamble.Length) : bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new IssuerAwayException($"{address} answered what is no UTF-8.");
        }
    }

    private static async Task<string> FileAsync(string file)
    {
        try
        {
            var length = new FileInfo(file).Length;
            return length <= MostBytes ? await File.ReadAllTextAsync(file) : throw new IssuerAwayException($"AccessTokens:KeysFile {file} is larger than {MostBytes} bytes.");
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new IssuerAwayException($"AccessTokens:KeysFile {file} can't be read: {wrong.Message}");
        }
    }

    private static JsonWebKeySet Read(string text, string place)
    {
        try
        {
            var set = new JsonWebKeySet(text);
            return set.Keys.Count is > 0 and <= MostKeys ? set : throw new IssuerAwayException($"{place} holds {set.Keys.Count} keys; 1 to {MostKeys} are taken.");
        }
        catch (Exception wrong) when (wrong is ArgumentException or JsonException or FormatException or InvalidOperationException)
        {
            throw new IssuerAwayException($"{place} is no set of keys (JWKS).");
        }
    }

    private static JsonDocument Parsed(string text, string place)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            throw new IssuerAwayException($"{place} is no discovery document.");
        }
    }

    private static string? Text(JsonDocument document, string name, string place)
    {
        try
        {
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: no text.
            throw new IssuerAwayException($"'{name}' of {place} can't be read.");
        }
    }
}
