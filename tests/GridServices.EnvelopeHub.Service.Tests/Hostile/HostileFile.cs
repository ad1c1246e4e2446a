using System.IO.Compression;
using System.Text.Json;
using GridServices.Testing;

namespace GridServices.EnvelopeHub.Tests.Hostile;

/// <summary>A case of the hostile collection.</summary>
internal sealed record HostileFile(string Id, string File, string Category, string Title, string Expected, string ErrorClass, Dictionary<string, string>? Headers)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static IReadOnlyList<HostileFile> ReadAll(string category) =>
        [.. JsonSerializer.Deserialize<List<HostileFile>>(System.IO.File.ReadAllBytes(TestData.Path("hostile/index.json")), Json)!.Where(file => file.Category == category)];

    public static byte[] Read(string file)
    {
        var bytes = System.IO.File.ReadAllBytes(TestData.Path("hostile/" + file));
        if (!file.EndsWith(".gz", StringComparison.Ordinal))
        {
            return bytes;
        }

        using var unpacked = new MemoryStream();
        using var packed = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        packed.CopyTo(unpacked);
        return unpacked.ToArray();
    }
}
