using System.Text.Json;
using System.Text.Json.Serialization;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Energy;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Wire;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>The settings record of a segment: what held when it was written, and enough to run it again.</summary>
internal sealed record RecordedPool
{
    internal const int MostAssets = 1_000;

    /// <summary>A store without a stated ceiling has none: NaN, which JSON has no number for.</summary>
    private static readonly JsonSerializerOptions Json = new(ContractJson.Options) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public required string Pool { get; init; }

    /// <summary>In the order of the controller's services.</summary>
    public required Dictionary<string, ContractSettings> Contracts { get; init; }

    /// <summary>The first thousand, for people: of them the controller knows <see cref="Energy"/> alone.</summary>
    public required Dictionary<string, AssetSettings> Assets { get; init; }

    public required Dictionary<string, SourceSettings> Sources { get; init; }

    /// <summary>The store behind the contracts; null = none, or written before it was recorded.</summary>
    public EnergyRules? Energy { get; init; }

    /// <summary>False: written before <see cref="Energy"/> was recorded.</summary>
    public bool HasEnergy { get; init; }

    public static byte[] Write(PoolSpec spec, Entries entries) => JsonSerializer.SerializeToUtf8Bytes(
        new RecordedPool
        {
            Pool = spec.Id.Key,
            Contracts = spec.Contracts.ToDictionary(c => c.Key, c => c.Settings, StringComparer.Ordinal),
            Assets = spec.Assets.Take(MostAssets).ToDictionary(a => a.Key, a => a.Settings, StringComparer.Ordinal),
            Sources = spec.Sources.Where(s => entries.Sources.ContainsKey(new EntryId(spec.Id.Tenant, s)))
                .ToDictionary(s => s, s => entries.Sources[new EntryId(spec.Id.Tenant, s)], StringComparer.Ordinal),
            Energy = spec.Config.Settings.Energy,
            HasEnergy = true,
        },
        Json);

    /// <summary>Names of the contracts, in the order of the controller's services.</summary>
    public static List<string> ReadContracts(ReadOnlyMemory<byte> settings)
    {
        using var read = JsonDocument.Parse(settings);
        return [.. read.RootElement.GetProperty("contracts").EnumerateObject().Select(c => c.Name)];
    }

    /// <summary>Names of the first thousand assets, in the order of the set-points.</summary>
    public static IReadOnlyList<string> ReadAssets(ReadOnlyMemory<byte> settings)
    {
        using var read = JsonDocument.Parse(settings);
        return [.. read.RootElement.GetProperty("assets").EnumerateObject().Select(a => a.Name)];
    }

    /// <summary>The controller's settings as they were.</summary>
    /// <param name="settings">The record's body.</param>
    /// <param name="catalog">With the numbers that replaced recalled ones then.</param>
    /// <returns>The settings, or why there are none.</returns>
    public static (ControllerConfig? Config, string Fault) Config(ReadOnlySpan<byte> settings, FrequencyCatalog catalog)
    {
        RecordedPool pool;
        try
        {
            pool = JsonSerializer.Deserialize<RecordedPool>(settings, Json)!;
        }
        catch (JsonException e)
        {
            return (null, $"the settings record can't be read: {SafeText.Line(e.Message)}");
        }

        var faults = new ConfigFaults();
        var contracts = pool.Contracts.Select(c => PoolFactory.Inside(new ContractEntry(new EntryId("default", c.Key), c.Value), catalog, faults)).OfType<PoolContract>().ToList();
        var assets = pool.Assets.Select(a => PoolParts.Asset(a.Key, a.Value)).ToList();
        if (faults.Any || contracts.Count == 0)
        {
            return (null, string.Join("; ", faults.All.Select(f => f.Detail).DefaultIfEmpty("the settings record names no contract")));
        }

        var build = ControllerConfig.Build(new ControllerSettings
        {
            Sources = pool.Sources.Select(s => PoolParts.Source(s.Key, s.Value)).ToValueList(),
            Contracts = contracts.Select(PoolParts.Contract).ToValueList(),
            Energy = pool.HasEnergy ? pool.Energy : PoolParts.Energy(contracts, assets),
            LeaseRequired = true,
        });
        return (build.Config, string.Join("; ", build.Faults.Select(f => $"{f.Path} {f.Detail}")));
    }
}
