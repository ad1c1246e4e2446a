using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace GridServices.Fuzzing.Decoders;

/// <summary>Samples of the repository: test data, and the examples of the API's documents.</summary>
internal static class SampleFiles
{
    private const int LargestSample = 200_000;
    private static readonly string Root = FindRoot();

    /// <summary>Files of a folder below tests/Data and of its folders, in order.</summary>
    public static IEnumerable<byte[]> ReadAll(string folder, string extension) =>
        Directory.EnumerateFiles(Path.Combine(Root, "tests", "Data", folder), $"*{extension}*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Select(Read).OfType<byte[]>();

    /// <summary>The request bodies of operations, as the API's examples have them.</summary>
    public static IEnumerable<byte[]> Examples(string service, params string[] operations)
    {
        var document = JsonNode.Parse(File.ReadAllBytes(Path.Combine(Root, "contracts", "v1", "openapi", "examples", $"{service}.json")))!.AsObject();
        return document.Where(o => operations.Length == 0 || operations.Contains(o.Key)).Select(o => o.Value?["request"]?["body"]).OfType<JsonNode>()
            .Select(body => Encoding.UTF8.GetBytes(body is JsonValue text && text.TryGetValue<string>(out var plain) ? plain : body.ToJsonString()));
    }

    private static byte[]? Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (path.EndsWith(".gz", StringComparison.Ordinal))
        {
            using var unpacked = new MemoryStream();
            using var packed = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            packed.CopyTo(unpacked);
            bytes = unpacked.ToArray();
        }

        return bytes.Length is 0 or > LargestSample ? null : bytes;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GridServices.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The fuzzer runs outside a checkout: it needs tests/Data.");
    }
}
