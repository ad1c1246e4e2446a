using System.IO.Compression;
using System.Text.Json;
using GridServices.Testing;

namespace GridServices.Contracts.Tests.Readers;

/// <summary>The shared collection of hostile publications, as far as reading alone decides them.</summary>
public sealed class HostileCorpusTests
{
    /// <summary>Decided by the hub: what it holds already, whose token it is, the content type.</summary>
    private static readonly string[] DecidedByState = ["ID_CONFLICT", "AUTHZ_SITE", "UNSUPPORTED_MEDIA"];

    [Fact]
    public void Every_file_ends_as_the_index_says()
    {
        var folder = TestData.Path("hostile");
        using var index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "index.json")));
        var cases = index.RootElement.EnumerateArray().Where(c => c.GetProperty("category").GetString() == "envelope-api").ToList();
        var wrong = new List<string>();
        foreach (var item in cases)
        {
            var (expected, kind) = (item.GetProperty("expected").GetString()!, item.GetProperty("error_class").GetString()!);
            var outcome = EnvelopeReader.ReadPublication(Body(Path.Combine(folder, item.GetProperty("file").GetString()!)));
            if (!EndsAs(outcome, expected, kind))
            {
                wrong.Add($"{item.GetProperty("id").GetString()} ({item.GetProperty("title").GetString()}): {expected} {kind}, but {Describe(outcome)}");
            }
        }

        Assert.True(cases.Count > 30, $"only {cases.Count} cases found in the index");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static bool EndsAs(BatchOutcome<Publication> outcome, string expected, string kind)
    {
        var refused = outcome.Refusal is { } whole ? [whole] : outcome.Items.Select(i => i.Problem).OfType<Problem>().ToArray();
        return expected switch
        {
            "accept" or "accept-idempotent" or "accept-noop" or "reject-or-ignore" => refused.Length == 0,
            "reject" when DecidedByState.Contains(kind, StringComparer.Ordinal) => refused.Length == 0,
            "reject" => refused.Length > 0 && refused.All(p => HasType(p, kind)),
            "reject-item" => refused is [var one] && HasType(one, kind) && outcome.Items.Count > 1,
            _ => false,
        };
    }

    private static bool HasType(Problem problem, string kind) => problem.Type == Problems.TypePrefix + kind;

    private static string Describe(BatchOutcome<Publication> outcome) =>
        outcome.Refusal is { } whole ? $"{whole.Type} {whole.Detail}" : string.Join(" | ", outcome.Items.Select(i => i.Problem is { } p ? $"{p.Type} {p.Pointer} {p.Detail}" : "accepted"));

    private static byte[] Body(string path)
    {
        if (!path.EndsWith(".gz", StringComparison.Ordinal))
        {
            return File.ReadAllBytes(path);
        }

        using var unpacked = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var body = new MemoryStream();
        unpacked.CopyTo(body);
        return body.ToArray();
    }
}
