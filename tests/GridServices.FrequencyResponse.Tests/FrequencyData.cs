using System.IO.Compression;
using System.Text.Json;
using GridServices.Testing;

namespace GridServices.FrequencyResponse.Tests;

/// <summary>Curves, scores, sequences and recordings of tests/Data/frequency.</summary>
internal static class FrequencyData
{
    public static JsonElement Json(string name)
    {
        using var file = Open($"frequency/{name}");
        using var document = JsonDocument.Parse(file);
        return document.RootElement.Clone();
    }

    public static IReadOnlyList<string[]> Csv(string name)
    {
        using var reader = new StreamReader(Open($"frequency/{name}"));
        var rows = new List<string[]>();
        while (reader.ReadLine() is { } line)
        {
            rows.Add(line.Split(','));
        }

        return rows;
    }

    public static double[] Numbers(this JsonElement parent, string name) => [.. parent.GetProperty(name).EnumerateArray().Select(n => n.GetDouble())];

    public static double Double(this JsonElement parent, string name) => parent.GetProperty(name).GetDouble();

    private static Stream Open(string relative)
    {
        var path = TestData.Path(relative);
        var file = File.OpenRead(path);
        return path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
    }
}
