using System.IO.Compression;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using GridServices.Testing;
using GridServices.Wire;

namespace GridServices.OpenAdr.Tests.Codec;

/// <summary>Files made to hurt, each with the end it must come to.</summary>
public sealed class HostileTests
{
    /// <summary>Legible as they are: the engine judges them, with its state and configuration.</summary>
    private static readonly HashSet<string> JudgedByTheEngine = new(StringComparer.Ordinal)
    {
        "OA-043", "OA-047", "OA-048", "OA-049", "OA-050", "OA-051", "OA-054", "OA-056", "OA-057", "OA-058", "OA-059", "OA-060", "OA-061", "OA-062",
        "OA-063", "OA-064", "OA-071", "OA-072", "OA-073",
    };

    [Fact]
    public void Every_hostile_file_ends_as_its_index_says()
    {
        var wrong = Cases().Select(Judge).OfType<string>().ToList();
        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    private static string? Judge(HostileCase c)
    {
        var bytes = c.Bytes();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var watch = ThreadTime.Start();
        var outcome = OadrXml.Read(bytes);
        var (took, allocated) = (watch.Elapsed, GC.GetAllocatedBytesForCurrentThread() - before);
        if (took > TimeSpan.FromSeconds(2) || allocated > 64 * 1024 * 1024)
        {
            return $"{c.Id}: {took.TotalMilliseconds} ms, {allocated} bytes";
        }

        var unreadable = (outcome.Message as OadrDistributeEvent)?.Events.Select(e => e.Unreadable).FirstOrDefault(u => u is not null);
        var refusal = outcome.Refusal ?? unreadable?.Refusal;
        var fits = c.Expected switch
        {
            _ when JudgedByTheEngine.Contains(c.Id) => refusal is null,
            "accept" or "accept-with-warning" => refusal is null,
            "policy" => refusal is null || c.Allows(refusal),
            "reject" => refusal is not null && c.Allows(refusal),
            "reject-event" => outcome.Refusal is null && unreadable is not null && c.Allows(unreadable.Refusal) && unreadable.ResponseCode == c.Code,
            _ => false,
        };
        return fits ? null : $"{c.Id} {c.Title}: expected {c.Expected} {string.Join('|', c.Classes)} {c.Code}, got {refusal?.Class} {unreadable?.ResponseCode} {refusal}";
    }

    private static List<HostileCase> Cases()
    {
        var folder = TestData.Path("hostile");
        using var index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "index.json")));
        var cases = index.RootElement.EnumerateArray().Where(e => e.GetProperty("category").ValueEquals("openadr"))
            .Select(e => HostileCase.Read(e, folder)).ToList();
        Assert.True(cases.Count > 50);
        return cases;
    }

    private sealed record HostileCase(string Id, string Title, string Expected, IReadOnlySet<string> Classes, int? Code, string Path)
    {
        public static HostileCase Read(JsonElement e, string folder)
        {
            var classes = new HashSet<string>(StringComparer.Ordinal) { e.GetProperty("error_class").GetString()! };
            if (e.TryGetProperty("also_ok", out var also))
            {
                classes.UnionWith(also.EnumerateArray().Select(a => a.GetString()!));
            }

            int? code = e.TryGetProperty("oadr_code", out var c) && c.ValueKind == JsonValueKind.Number ? c.GetInt32() : null;
            return new(
                e.GetProperty("id").GetString()!, e.GetProperty("title").GetString()!, e.GetProperty("expected").GetString()!, classes, code,
                System.IO.Path.Combine(folder, e.GetProperty("file").GetString()!));
        }

        public byte[] Bytes()
        {
            using var file = File.OpenRead(Path);
            using Stream content = Path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var bytes = new MemoryStream();
            content.CopyTo(bytes);
            return bytes.ToArray();
        }

        public bool Allows(ReadError refusal) => Classes.Contains(GetName(refusal.Class));

        private static string GetName(ErrorClass error) =>
            string.Concat(error.ToString().Select((ch, i) => i > 0 && char.IsUpper(ch) ? $"_{ch}" : $"{char.ToUpperInvariant(ch)}"));
    }
}
