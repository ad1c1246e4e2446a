using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Tariffs.Readers;
using GridServices.Wire;

namespace GridServices.Tariffs.Carbon;

/// <summary>What a site's carbon report is made of: its meter, its grid zone, and the meters of the renewables that it may count.</summary>
public sealed record SiteCarbonPlan
{
    /// <summary>The meter at the site's connection.</summary>
    public required string MeterId { get; init; }

    /// <summary>The grid zone whose stored intensity counts.</summary>
    public required string GridZone { get; init; }

    /// <summary>Renewables, each with a registered meter.</summary>
    public ImmutableArray<SupplyMeter> Supplies { get; init; } = [];
}

/// <summary>A meter of renewable generation.</summary>
public sealed record SupplyMeter
{
    public required string MeterId { get; init; }

    /// <summary>onSite: behind the site's meter. contracted: elsewhere in the grid.</summary>
    public required SupplyKind Kind { get; init; }

    /// <summary>The site's share of it, percent.</summary>
    public decimal Percent { get; init; } = 100;

    /// <summary>Whether what it generates is what the meter feeds in (its export register, or net below 0), or what it records as drawn.</summary>
    public GenerationRegister Register { get; init; } = GenerationRegister.Export;
}

/// <summary>Where a generation meter's energy stands in its records.</summary>
public enum GenerationRegister
{
    /// <summary>Fed in: the export register, or net below 0.</summary>
    Export,

    /// <summary>Recorded as import: a meter that counts generation upwards.</summary>
    Import,
}

/// <summary>Reads and writes a <see cref="SiteCarbonPlan"/>; every fault at once.</summary>
public static class SiteCarbonPlanJson
{
    private const int MostSupplies = 100;
    private const string Id = "has 1 to 128 of A-Z a-z 0-9 . _ : ~ - and begins with a letter, digit or _";

    public static ReadResult<SiteCarbonPlan> Read(ReadOnlyMemory<byte> json)
    {
        var read = TariffJson.Part<SiteCarbonPlan>(json);
        if (!read.Ok)
        {
            return read;
        }

        ImmutableArray<ReadError> faults = [.. Faults(read.Value!)];
        return new ReadResult<SiteCarbonPlan>(faults.IsEmpty ? read.Value : null, faults, []);
    }

    public static string Write(SiteCarbonPlan plan) => JsonSerializer.Serialize(plan, TariffJson.Options);

    /// <summary>A plan that was read and stored before.</summary>
    public static SiteCarbonPlan Stored(string json) => JsonSerializer.Deserialize<SiteCarbonPlan>(json, TariffJson.Options)!;

    private static IEnumerable<ReadError> Faults(SiteCarbonPlan plan)
    {
        if (!Identifiers.IsSafe(plan.MeterId))
        {
            yield return new ReadError(ErrorClass.SemanticId, "/meterId", $"a meter's id {Id}");
        }

        if (!Identifiers.IsSafe(plan.GridZone))
        {
            yield return new ReadError(ErrorClass.SemanticId, "/gridZone", $"a zone's name {Id}");
        }

        if (plan.Supplies.Length > MostSupplies)
        {
            yield return new ReadError(ErrorClass.LimitCount, "/supplies", $"at most {MostSupplies} supplies");
        }

        for (var i = 0; i < plan.Supplies.Length; i++)
        {
            var (supply, at) = (plan.Supplies[i], string.Create(CultureInfo.InvariantCulture, $"/supplies/{i}"));
            if (!Identifiers.IsSafe(supply.MeterId) || supply.MeterId == plan.MeterId || plan.Supplies.Take(i).Any(s => s.MeterId == supply.MeterId))
            {
                yield return new ReadError(ErrorClass.SemanticId, $"{at}/meterId", $"a meter of its own, once: its id {Id}");
            }

            if (supply.Percent is <= 0 or > 100)
            {
                yield return new ReadError(ErrorClass.SemanticNumber, $"{at}/percent", "the site's share is above 0 and at most 100 percent");
            }
        }
    }
}
