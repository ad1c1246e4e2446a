using System.IO.Compression;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Urdb;
using GridServices.Testing;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Tests;

/// <summary>Every hostile tariff and interval file ends as its index says.</summary>
[Collection(GridServices.Testing.Alone.Name)]
public sealed class HostileTariffs
{
    [Fact]
    public void Every_hostile_tariff_and_interval_file_ends_as_the_index_says()
    {
        var failures = Index().Select(Check).OfType<string>().ToList();
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [Fact]
    public void Ten_years_of_hours_are_read_in_five_seconds_and_within_two_hundred_mebibytes()
    {
        var bytes = Bytes(TestData.Path("hostile/tariff/IV-016-a.csv.gz"));
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = ThreadTime.Start();
        var series = CsvIntervals.Read(new MemoryStream(bytes), new IntervalOptions()).OrThrow();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"took {watch.Elapsed}");
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 200 << 20);
        Assert.InRange(series.Count, 87_000, 88_000);
    }

    private static JsonElement[] Index() =>
        KnownData.Json(TestData.Path("hostile/index.json")).EnumerateArray().Where(e => e.GetProperty("category").GetString() == "tariff").ToArray();

    private static string? Check(JsonElement entry)
    {
        var file = entry.GetProperty("file").GetString()!;
        var expected = entry.GetProperty("expected").GetString()!;
        HashSet<string> classes = [entry.GetProperty("error_class").GetString()!, .. entry.TryGetProperty("also_ok", out var also) ? also.EnumerateArray().Select(a => a.GetString()!) : []];
        var bytes = Bytes(TestData.Path($"hostile/{file}"));
        var now = InstantPattern.ExtendedIso.Parse(entry.GetProperty("clock").GetString()!).Value;
        var (refused, warned) = file.Contains(".json", StringComparison.Ordinal)
            ? Read(UrdbImport.Read(bytes))
            : Read(CsvIntervals.Read(new MemoryStream(bytes), Options(entry, now)));
        var ok = expected switch
        {
            "accept" => refused.Length == 0,
            "reject" => refused.Any(c => classes.Contains(c)),
            _ => refused.Length == 0 && warned.Any(c => classes.Contains(c)),
        };
        return ok ? null : $"{file} ({entry.GetProperty("title").GetString()}): expected {expected} {string.Join('|', classes)}, refused [{string.Join(' ', refused)}], warned [{string.Join(' ', warned)}]";
    }

    private static IntervalOptions Options(JsonElement entry, Instant now) => new()
    {
        Now = now,
        SiteLimitKw = 200,
        Zone = entry.TryGetProperty("zone", out var zone) ? zone.GetString()!.Split(' ')[0] : null,
    };

    private static (string[] Refused, string[] Warned) Read<T>(ReadResult<T> outcome)
        where T : class => ([.. outcome.Refusals.Select(r => Name(r.Class))], [.. outcome.Warnings.Select(w => Name(w.Class))]);

    private static string Name(ErrorClass errorClass) => JsonNamingPolicy.SnakeCaseUpper.ConvertName(errorClass.ToString());

    private static byte[] Bytes(string path)
    {
        if (!path.EndsWith(".gz", StringComparison.Ordinal))
        {
            return File.ReadAllBytes(path);
        }

        using var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var whole = new MemoryStream();
        packed.CopyTo(whole);
        return whole.ToArray();
    }
}
