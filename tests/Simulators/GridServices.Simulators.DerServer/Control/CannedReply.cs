using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using GridServices.Simulators.DerServer.Model;

namespace GridServices.Simulators.DerServer.Control;

/// <summary>An answer prepared beforehand, whatever it is.</summary>
public sealed class CannedReply
{
    private const int ExpressionLimit = 16;
    private static readonly Regex Expression = new(@"\{\{s(\+(?<plus>\d+))?(:(?<width>\d+)X)?\}\}", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
    private int next;

    public int Status { get; init; } = 200;

    public string? ContentType { get; init; } = "application/sep+xml";

    public string? Body { get; init; }

    public string? Location { get; init; }

    public string? ContentEncoding { get; init; }

    /// <summary>Bytes in a second.</summary>
    public int? TrickleBytesPerSecond { get; init; }

    /// <summary>A gzip body of so many zero bytes.</summary>
    public int? GzipOfZeros { get; init; }

    /// <summary>True: <c>{{s}}</c>, <c>{{s+100}}</c> and <c>{{s:032X}}</c> in the body stand for the page asked for.</summary>
    public bool IsTemplate { get; init; }

    /// <summary>One answer after the other; the last one stays.</summary>
    public IReadOnlyList<CannedReply> Sequence { get; init; } = [];

    /// <summary>The routes of a scenario file: <c>{"kind": "http-scenario", "routes": [{"match": "/dcap", "status": 301, …}]}</c>.</summary>
    public static IEnumerable<(string Path, CannedReply Reply)> Scenario(JsonElement json) =>
        json.GetProperty("routes").EnumerateArray().Select(r => (r.GetProperty("match").GetString()!, Read(r))).ToList();

    internal SimReply For(SimRequest request)
    {
        if (Sequence.Count > 0)
        {
            return Sequence[Math.Min(next++, Sequence.Count - 1)].For(request);
        }

        return new SimReply(Status)
        {
            ContentType = Body is null && GzipOfZeros is null ? null : ContentType,
            Location = Location,
            ContentEncoding = ContentEncoding,
            TrickleBytesPerSecond = TrickleBytesPerSecond,
            Body = GzipOfZeros is { } zeros ? Gzip(zeros) : Encoding.UTF8.GetBytes(IsTemplate ? Fill(Body ?? string.Empty, request.Query) : Body ?? string.Empty),
        };
    }

    private static CannedReply Read(JsonElement e) => new()
    {
        Status = e.TryGetProperty("status", out var status) ? status.GetInt32() : 200,
        ContentType = e.TryGetProperty("type", out var type) ? type.GetString() : "application/sep+xml",
        Body = e.TryGetProperty("body", out var body) ? body.GetString() : null,
        Location = Header(e, "Location"),
        ContentEncoding = Header(e, "Content-Encoding"),
        TrickleBytesPerSecond = e.TryGetProperty("trickle_bytes_per_s", out var trickle) ? trickle.GetInt32() : null,
        GzipOfZeros = e.TryGetProperty("body_gzip_of_zeros", out var zeros) ? zeros.GetInt32() : null,
        IsTemplate = e.TryGetProperty("template", out var template) && template.GetBoolean(),
        Sequence = e.TryGetProperty("sequence", out var sequence) ? sequence.EnumerateArray().Select(Read).ToList() : [],
    };

    private static string? Header(JsonElement e, string name) =>
        e.TryGetProperty("headers", out var headers) && headers.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static string Fill(string body, string query)
    {
        var start = Regex.Match(query, @"[?&]s=(?<s>\d+)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)) is { Success: true } m ? long.Parse(m.Groups["s"].Value, CultureInfo.InvariantCulture) : 0;
        return Expression.Replace(body, e =>
        {
            var value = start + (e.Groups["plus"].Success ? long.Parse(e.Groups["plus"].Value, CultureInfo.InvariantCulture) : 0);
            return e.Groups["width"].Success && e.Groups["width"].Value.Length < ExpressionLimit
                ? value.ToString($"X{int.Parse(e.Groups["width"].Value, CultureInfo.InvariantCulture)}", CultureInfo.InvariantCulture)
                : value.ToString(CultureInfo.InvariantCulture);
        });
    }

    private static byte[] Gzip(int zeros)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var block = new byte[64 * 1024];
            for (var left = zeros; left > 0; left -= block.Length)
            {
                gzip.Write(block, 0, Math.Min(left, block.Length));
            }
        }

        return packed.ToArray();
    }
}
