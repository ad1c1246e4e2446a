using System.IO.Compression;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Testing;

namespace GridServices.Ieee2030Dot5.Tests.Codec;

/// <summary>Bodies made to hurt, each with the end it must come to.</summary>
public sealed class HostileTests
{
    /// <summary>Legible as they are; the event engine, the walk or the notification endpoint judges them, with its state and configuration.</summary>
    private static readonly HashSet<string> JudgedLater = new(StringComparer.Ordinal)
    {
        "S5-021", "S5-027", "S5-028", "S5-029", "S5-036", "S5-037", "S5-040", "S5-041", "S5-042", "S5-055", "S5-056", "S5-060", "S5-061", "S5-062",
    };

    [Fact]
    public void Every_hostile_body_ends_as_its_index_says()
    {
        var wrong = Cases().Select(Judge).OfType<string>().ToList();
        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    [Fact]
    public void What_is_judged_later_is_read_as_it_stands()
    {
        var outcomes = Cases().Where(c => JudgedLater.Contains(c.Id)).ToDictionary(c => c.Id, c => Sep2Xml.Read(c.Body).Resource, StringComparer.Ordinal);
        Assert.Equal(-1m, Control(outcomes["S5-027"]).Base.OpModExpLimW?.Watts);
        Assert.Equal(10001, Control(outcomes["S5-028"]).Base.OpModMaxLimW);
        Assert.Equal("http://169.254.169.254/latest", Control(outcomes["S5-040"]).ReplyTo);
        Assert.Equal("file:///etc/passwd", Control(outcomes["S5-041"]).Href);
        Assert.Equal(167261211390, ((EndDeviceList)outcomes["S5-056"]!).Items[0].Value!.SFdi);
        Assert.IsType<EndDeviceList>(((Notification)outcomes["S5-062"]!).Resource);
    }

    private static DerControl Control(Resource? list) => ((DerControlList)list!).Readable.Single();

    private static string? Judge(HostileCase c)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var watch = ThreadTime.Start();
        var outcome = Sep2Media.Check(c.ContentType) is { } media ? new Sep2ReadOutcome(null, media) : Sep2Xml.Read(c.Body);
        var (took, allocated) = (watch.Elapsed, GC.GetAllocatedBytesForCurrentThread() - before);
        if (took > TimeSpan.FromSeconds(2) || allocated > 64 * 1024 * 1024)
        {
            return $"{c.Id}: {took.TotalMilliseconds} ms, {allocated} bytes";
        }

        var refusal = outcome.Refusal ?? (outcome.Resource as DerControlList)?.Unreadable.FirstOrDefault()?.Refusal
            ?? (outcome.Resource as DerControlList)?.Contradiction;
        var fits = JudgedLater.Contains(c.Id) || !c.Expected.StartsWith("reject", StringComparison.Ordinal)
            ? refusal is null
            : refusal is not null && c.Classes.Contains(Snake(refusal.Class));
        return fits ? null : $"{c.Id} {c.Title}: expected {c.Expected} {string.Join('|', c.Classes)}, got {refusal?.Class} {refusal}";
    }

    private static string Snake(ErrorClass error) => string.Concat(error.ToString().Select((ch, i) => i > 0 && char.IsUpper(ch) ? $"_{ch}" : $"{char.ToUpperInvariant(ch)}"));

    private static List<HostileCase> Cases()
    {
        var folder = TestData.Path("hostile");
        using var index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "index.json")));
        var cases = index.RootElement.EnumerateArray()
            .Where(e => e.GetProperty("category").ValueEquals("ieee2030-5") && !e.GetProperty("file").GetString()!.EndsWith(".json", StringComparison.Ordinal))
            .Select(e => HostileCase.Read(e, folder)).ToList();
        Assert.True(cases.Count > 40);
        return cases;
    }

    private sealed record HostileCase(string Id, string Title, string Expected, IReadOnlySet<string> Classes, string? ContentType, ReadOnlyMemory<byte> Body)
    {
        public static HostileCase Read(JsonElement e, string folder)
        {
            var classes = new HashSet<string>(StringComparer.Ordinal) { e.GetProperty("error_class").GetString()! };
            if (e.TryGetProperty("also_ok", out var also))
            {
                classes.UnionWith(also.EnumerateArray().Select(a => a.GetString()!));
            }

            return new(
                e.GetProperty("id").GetString()!, e.GetProperty("title").GetString()!, e.GetProperty("expected").GetString()!, classes,
                e.TryGetProperty("content_type", out var type) ? type.GetString() : null, Load(Path.Combine(folder, e.GetProperty("file").GetString()!)));
        }

        private static byte[] Load(string path)
        {
            var bytes = File.ReadAllBytes(path);
            if (!path.EndsWith(".gz", StringComparison.Ordinal))
            {
                return bytes;
            }

            using var unpacked = new MemoryStream();
            using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            gzip.CopyTo(unpacked);
            return unpacked.ToArray();
        }
    }
}
