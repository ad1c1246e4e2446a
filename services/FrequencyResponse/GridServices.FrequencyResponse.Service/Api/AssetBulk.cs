using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Publishing;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Documents;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Web;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>Many assets at once: all of them, or none.</summary>
internal static class AssetBulk
{
    private const int MaxBody = 8 * 1024 * 1024;
    private const int MostAssets = 1_000;

    public static void MapAssetBulk(this IEndpointRouteBuilder routes) => routes.MapPut("/v1/assets", PutAsync).WithTags("Assets")
        .RequirePermission(Permission.EditSites).WithName("putAssets").WithSummary("Make and change many assets")
        .WithDescription(
            "At most 1,000, each name once; assets that are not named are left alone. A fault anywhere (each with its JSON pointer), or a contract that could not be kept with all of them, and nothing is done. "
            + "One that is already so is left alone, so the same request can be sent again.")
        .Accepts<AssetBulkBody>("application/json").Produces<AssetBulkResult>().Refuses(ErrorClass.Respond, ErrorClass.TargetMismatch, ErrorClass.Conflict);

    private static async Task<IResult> PutAsync(HttpContext http, PoolHost host, FrequencyCatalog catalog, ContractPublisher publisher, IClock clock)
    {
        if (StrictJson.Read<AssetBulkBody>(await http.Request.ReadBodyAsync(MaxBody, "application/json"), out var malformed) is not { } body)
        {
            return ConfigProblem.Answer(http, malformed);
        }

        var faults = Check(body);
        if (faults.Count > 0)
        {
            return ConfigProblem.Answer(http, faults);
        }

        var assets = body.Assets.ToDictionary(a => http.ParseId(a.AssetId), a => a.Asset);
        RequireSites(http, host, assets);
        var items = new List<AssetBulkItem>();
        try
        {
            await host.ChangeAsync(
                entries =>
                {
                    items = [.. assets.Select(a => new AssetBulkItem(a.Key.Key, !entries.Assets.TryGetValue(a.Key, out var held) ? AssetBulkStatus.Created : EntityTags.Compute(held) == EntityTags.Compute(a.Value) ? AssetBulkStatus.Unchanged : AssetBulkStatus.Changed))];
                    return ContractDependencies.Recheck(entries with { Assets = entries.Assets.SetItems(assets) }, catalog, c => c.Settings.Assets.Any(name => assets.ContainsKey(new EntryId(c.Id.Tenant, name))));
                },
                async tx =>
                {
                    foreach (var (id, asset) in assets.Where(a => items.Exists(i => i.AssetId == a.Key.Key && i.Status != AssetBulkStatus.Unchanged)))
                    {
                        await FrequencyStore.SaveAsync(tx, id, asset, clock.GetCurrentInstant());
                    }
                },
                http.RequestAborted);
        }
        catch (FaultyEntryException e)
        {
            return ConfigProblem.Answer(http, e.Faults);
        }

        await publisher.PublishAllAsync(CancellationToken.None);
        return Results.Ok(new AssetBulkResult([.. items.OrderBy(i => i.AssetId, StringComparer.Ordinal)]));
    }

    /// <summary>Every fault of every asset, each with its place.</summary>
    private static List<ConfigFault> Check(AssetBulkBody body)
    {
        var (faults, names) = (new List<ConfigFault>(), new HashSet<string>(StringComparer.Ordinal));
        if (body.Assets.Count is 0 or > MostAssets)
        {
            faults.Add(new ConfigFault(ErrorClass.SemanticNumber, "/assets", $"holds 1 to {MostAssets} assets; there are {body.Assets.Count}"));
        }

        foreach (var (entry, i) in body.Assets.Take(MostAssets).Select((a, i) => (a, i)))
        {
            if (!Identifiers.IsSafe(entry.AssetId))
            {
                faults.Add(new ConfigFault(ErrorClass.SemanticId, $"/assets/{i}/assetId", "has 1 to 128 of A-Z a-z 0-9 . _ : ~ - , begins with a letter, digit or _ and holds no '..'"));
            }
            else if (!names.Add(entry.AssetId))
            {
                faults.Add(new ConfigFault(ErrorClass.SemanticId, $"/assets/{i}/assetId", "is named twice; keep one of them"));
            }

            faults.AddRange(AssetRules.Check(entry.Asset).Select(f => f with { Pointer = $"/assets/{i}/asset{f.Pointer}" }));
        }

        return faults;
    }

    /// <summary>Where they are, and where they were, must be the caller's.</summary>
    private static void RequireSites(HttpContext http, PoolHost host, Dictionary<EntryId, AssetSettings> assets)
    {
        foreach (var (id, asset) in assets)
        {
            http.Caller().RequireSite(asset.SiteId);
            if (host.Entries.Assets.TryGetValue(id, out var held))
            {
                http.Caller().RequireSite(held.SiteId);
            }
        }
    }
}

/// <summary>Assets to make or change.</summary>
public sealed record AssetBulkBody
{
    /// <summary>At most 1,000, each name once.</summary>
    public required IReadOnlyList<AssetItem> Assets { get; init; }
}

/// <summary>What was done.</summary>
/// <param name="Items">By name.</param>
public sealed record AssetBulkResult(IReadOnlyList<AssetBulkItem> Items);

/// <summary>What became of one asset.</summary>
public sealed record AssetBulkItem(string AssetId, AssetBulkStatus Status);

/// <summary>What was done to an asset.</summary>
public enum AssetBulkStatus
{
    Created,
    Changed,
    Unchanged,
}
