using System.Text.Json;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using GridServices.Tariffs.Urdb;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Tariffs.Tests;

/// <summary>Known bills, costs and baselines of tests/Data/tariff, in the conventions of its README.</summary>
internal static class KnownData
{
    /// <summary>"Typical year": 1 January is a Monday, no DST.</summary>
    public const string TypicalZone = "Etc/GMT+7";

    public const int TypicalYear = 2018;

    public static readonly Instant TypicalStart = new LocalDate(TypicalYear, 1, 1).AtStartOfDayInZone(DateTimeZoneProviders.Tzdb[TypicalZone]).ToInstant();

    public static JsonElement Json(string path) => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;

    public static string GetPath(string relative) => TestData.Path($"tariff/{relative}");

    public static IEnumerable<(string Id, JsonElement Case)> Cases(string folder, string pattern) =>
        Directory.EnumerateFiles(GetPath(folder), pattern).Order(StringComparer.Ordinal).Select(f => (Path.GetFileNameWithoutExtension(f), Json(f)));

    public static decimal[] Column(string relative) =>
        [.. File.ReadLines(GetPath(relative)).Where(l => l.Length > 0).Select(l => ExactDecimal.TryParse(l.Trim(), out var v) ? v : throw new FormatException(l))];

    public static IntervalSeries Series(decimal[] kw, int minutes) => IntervalSeries.Create(TypicalStart, Duration.FromMinutes(minutes), IntervalUnit.Kw, kw);

    public static CompiledTariff Urdb(string relative, Func<Tariff, Tariff>? change = null)
    {
        var outcome = UrdbImport.Read(File.ReadAllBytes(GetPath(relative)), new UrdbOptions { TimeZone = TypicalZone, FixedDayRule = FixedPer.MeanMonthDay, Ratchets = false });
        var tariff = outcome.OrThrow();
        return CompiledTariff.Compile(change is null ? tariff : change(tariff));
    }

    public static decimal[] Numbers(this JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(e => e.GetDecimal())];

    /// <summary>What differs by more than the tolerance, in words.</summary>
    public static IEnumerable<string> Differences(string what, IReadOnlyList<decimal> expected, IReadOnlyList<decimal> actual, decimal tolerance = 0.0001m) =>
        Enumerable.Range(0, expected.Count)
            .Where(i => Math.Abs(expected[i] - actual[i]) > tolerance)
            .Select(i => $"{what}[{i}]: expected {expected[i]}, got {actual[i]}");
}
