using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Hosting.Storage;

namespace GridServices.Hosting.Auth;

/// <summary>One entry of the tokens file: the token's hash, never the token.</summary>
public sealed record TokenEntry
{
    /// <summary>A name for logs and messages.</summary>
    public required string Id { get; init; }

    /// <summary>SHA-256 of the token's UTF-8 bytes, 64 hex digits.</summary>
    public required string Sha256 { get; init; }

    public string Tenant { get; init; } = "default";

    public required Role Role { get; init; }

    /// <summary>Null: every site of the tenant. Tokens of a controller vendor or a customer must name theirs.</summary>
    public IReadOnlyList<string>? Sites { get; init; }

    /// <summary>SHA-256 of the client certificate (DER) the token must come with, 64 hex digits; null: any connection.</summary>
    public string? CertificateSha256 { get; init; }

    /// <summary>The entry for a token.</summary>
    public static TokenEntry For(string token, string id, Role role, string tenant = "default", IReadOnlyList<string>? sites = null) =>
        new() { Id = id, Sha256 = Hash(token), Tenant = tenant, Role = role, Sites = sites };

    internal static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}

/// <summary>The file <c>Auth:TokensFile</c> points to: <c>{"tokens":[{"id","sha256","tenant","role","sites"}]}</c>.</summary>
public static class TokenFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        AllowDuplicateProperties = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter<Role>(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>A new token: 256 random bits, base64url.</summary>
    public static string NewToken() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>Writes the file, readable by its owner only, in one step (a reader sees the old or the new one).</summary>
    public static void Write(string path, IReadOnlyList<TokenEntry> tokens)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        OwnerOnlyFiles.EnsureFolder(folder);
        var draft = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}");
        using (var stream = OwnerOnlyFiles.CreateFile(draft))
        {
            JsonSerializer.Serialize(stream, new Content { Tokens = tokens }, Json);
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
    }

    /// <exception cref="StartException">The file is absent or not what it should be; the message says where.</exception>
    public static IReadOnlyList<TokenEntry> Read(string path)
    {
        try
        {
            var content = StrictJson.Read<Content>(File.ReadAllBytes(path), JsonBounds.Document, new DocumentShape(Json), out var faults);
            faults = content is null ? faults : Check(content.Tokens);
            return faults.Count == 0 ? content!.Tokens : throw new StartException(Unusable(path, string.Join("; ", faults.Select(f => $"{f.Pointer} {f.Detail}".TrimStart()))));
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new StartException(Unusable(path, wrong.Message), wrong);
        }
    }

    private static string Unusable(string path, string why) => $"The tokens file {path} can't be used: {why}";

    private static IReadOnlyList<ConfigFault> Check(IReadOnlyList<TokenEntry> tokens)
    {
        var faults = new ConfigFaults();
        for (var i = 0; i < tokens.Count; i++)
        {
            var (token, at) = (tokens[i], $"/tokens/{i}");
            if (!IsHash(token.Sha256) || (token.CertificateSha256 is { } certificate && !IsHash(certificate)))
            {
                faults.Add(at, $"token '{token.Id}' needs sha256 (and certificateSha256, where given) as 64 hex digits");
            }

            if (string.IsNullOrWhiteSpace(token.Id) || string.IsNullOrWhiteSpace(token.Tenant))
            {
                faults.Add(at, "every token needs an id and a tenant");
            }

            if (token.Sites is null && token.Role.NeedsSites())
            {
                faults.Add(at, $"token '{token.Id}' of role {token.Role.Name()} needs sites: the ones it is for");
            }
        }

        return faults.All;
    }

    private static bool IsHash(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigit);

    private sealed record Content
    {
        public required IReadOnlyList<TokenEntry> Tokens { get; init; }
    }
}
