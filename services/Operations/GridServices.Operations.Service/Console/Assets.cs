using System.Collections.Frozen;
using System.Security.Cryptography;
using GridServices.Hosting.Auth;

namespace GridServices.Operations.Service.Console;

/// <summary>The style sheet and the script, from the assembly. Their addresses carry their hash, so a browser keeps them for good and a new version is another address.</summary>
internal static class Assets
{
    private const string Folder = "assets/";
    private const int HashDigits = 16;

    private static readonly FrozenDictionary<string, Asset> ByPath = Read().ToFrozenDictionary(asset => asset.Path, StringComparer.Ordinal);
    private static readonly FrozenDictionary<string, string> Paths = ByPath.Values.ToFrozenDictionary(asset => asset.Name, asset => asset.Path, StringComparer.Ordinal);

    /// <summary>The address of <c>console.css</c> or <c>console.js</c>.</summary>
    internal static string Path(string name) => Paths[name];

    internal static void MapAssets(this WebApplication app) => app.MapGet("/assets/{file}", Send).Open().ExcludeFromDescription();

    private static IResult Send(HttpContext http, string file)
    {
        if (!ByPath.TryGetValue($"/assets/{file}", out var asset))
        {
            return Results.NotFound();
        }

        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return Results.Bytes(asset.Content, asset.Type);
    }

    private static IEnumerable<Asset> Read()
    {
        var assembly = typeof(Assets).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var content = new MemoryStream();
            stream.CopyTo(content);
            var name = resource[Folder.Length..];
            var hash = Convert.ToHexStringLower(SHA256.HashData(content.ToArray()))[..HashDigits];
            var extension = System.IO.Path.GetExtension(name);
            yield return new Asset(
                name, $"/assets/{System.IO.Path.GetFileNameWithoutExtension(name)}.{hash}{extension}", GetMediaType(extension),
                content.ToArray());
        }
    }

    private static string GetMediaType(string extension) => extension switch
    {
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "text/javascript; charset=utf-8",
    };

    private sealed record Asset(string Name, string Path, string Type, byte[] Content);
}
