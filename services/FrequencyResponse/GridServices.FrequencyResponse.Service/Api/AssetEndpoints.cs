using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Publishing;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Documents;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>The assets and the sources that contracts name.</summary>
internal static class AssetEndpoints
{
    private const int MaxBody = 256 * 1024;

    public static void MapAssets(this IEndpointRouteBuilder routes)
    {
        var assets = routes.MapGroup("/v1/assets").RequirePermission(Permission.SeeSites).WithTags("Assets");
        assets.MapGet("/", List).WithName("listAssets").WithSummary("All assets").Produces<ListOrPage<AssetItem>>();
        assets.MapPut("/{assetId}", PutAsync).RequirePermission(Permission.EditSites).WithName("putAsset").WithSummary("Make or change an asset")
            .WithDescription("Contracts that use it are checked against the change; what they could not be kept with is refused.")
            .Accepts<AssetSettings>("application/json").Produces<AssetItem>().Produces<AssetItem>(StatusCodes.Status201Created)
            .Refuses(ErrorClass.Respond, ErrorClass.TargetMismatch, ErrorClass.Conflict).TakesIfMatch().WritesETag();
        assets.MapGet("/{assetId}", Get).WithName("getAsset").WithSummary("An asset as it was put").Produces<AssetItem>().WritesETag();
        assets.MapDelete("/{assetId}", DeleteAsync).RequirePermission(Permission.EditSites).WithName("deleteAsset").WithSummary("Forget an asset that no contract uses")
            .Produces(StatusCodes.Status204NoContent).Refuses(ErrorClass.Conflict).TakesIfMatch();
    }

    private static IResult List(HttpContext http, PoolHost host, string? after = null, string? limit = null)
    {
        var assets = Mine(http, host).Select(a => new AssetItem(a.Key.Key, a.Value));
        return Paging.Answer(after, limit, assets, a => a.AssetId);
    }

    private static IResult Get(string assetId, HttpContext http, PoolHost host)
    {
        var asset = GetAsset(http, host, assetId).Settings;
        http.Tag(EntityTags.Compute(asset));
        return Results.Ok(new AssetItem(assetId, asset));
    }

    private static async Task<IResult> PutAsync(string assetId, HttpContext http, PoolHost host, FrequencyCatalog catalog, ContractPublisher publisher, IClock clock)
    {
        var id = http.ParseId(assetId);
        if (StrictJson.Read<AssetSettings>(await http.Request.ReadBodyAsync(MaxBody, "application/json"), out var faults) is not { } asset)
        {
            return ConfigProblem.Answer(http, faults);
        }

        http.Caller().RequireSite(asset.SiteId);
        if (host.Entries.Assets.TryGetValue(id, out var held))
        {
            http.Caller().RequireSite(held.SiteId);
        }

        faults = AssetRules.Check(asset);
        if (faults.Count > 0)
        {
            return ConfigProblem.Answer(http, faults);
        }

        try
        {
            await host.ChangeAsync(
                entries =>
                {
                    http.RequireMatch(entries.Assets.TryGetValue(id, out var now) ? EntityTags.Compute(now) : null);
                    return ContractDependencies.Recheck(entries with { Assets = entries.Assets.SetItem(id, asset) }, catalog, c => c.Id.Tenant == id.Tenant && c.Settings.Assets.Contains(id.Key));
                },
                tx => FrequencyStore.SaveAsync(tx, id, asset, clock.GetCurrentInstant()),
                http.RequestAborted);
        }
        catch (FaultyEntryException e)
        {
            return ConfigProblem.Answer(http, e.Faults);
        }

        await publisher.PublishAllAsync(CancellationToken.None);
        http.Tag(EntityTags.Compute(asset));
        var item = new AssetItem(assetId, asset);
        return held is null ? Results.Created($"/v1/assets/{assetId}", item) : Results.Ok(item);
    }

    private static async Task<IResult> DeleteAsync(string assetId, HttpContext http, PoolHost host)
    {
        var (id, _) = GetAsset(http, host, assetId);
        await host.ChangeAsync(
            entries =>
            {
                http.RequireMatch(entries.Assets.TryGetValue(id, out var now) ? EntityTags.Compute(now) : null);
                ContractDependencies.RequireUnused(entries, c => c.Id.Tenant == id.Tenant && c.Settings.Assets.Contains(id.Key));
                return entries with { Assets = entries.Assets.Remove(id) };
            },
            tx => FrequencyStore.DeleteAssetAsync(tx, id),
            http.RequestAborted);
        return Results.NoContent();
    }

    private static (EntryId Id, AssetSettings Settings) GetAsset(HttpContext http, PoolHost host, string assetId)
    {
        var id = http.ParseId(assetId);
        if (!host.Entries.Assets.TryGetValue(id, out var asset))
        {
            throw new ProblemException(ErrorClass.NotFound, $"There is no asset '{SafeText.Line(assetId)}'. GET /v1/assets lists those there are.");
        }

        http.Caller().RequireSite(asset.SiteId);
        return (id, asset);
    }

    private static IEnumerable<KeyValuePair<EntryId, AssetSettings>> Mine(HttpContext http, PoolHost host) =>
        host.Entries.Assets.Where(a => a.Key.Tenant == http.Caller().Tenant && http.Caller().MayAct(a.Value.SiteId));
}

/// <summary>An asset and its name.</summary>
public sealed record AssetItem(string AssetId, AssetSettings Asset);

/// <summary>The contracts that stand on an entry.</summary>
internal static class ContractDependencies
{
    /// <exception cref="FaultyEntryException">A contract could not be kept.</exception>
    public static Entries Recheck(Entries entries, FrequencyCatalog catalog, Predicate<ContractEntry> which)
    {
        var faults = entries.Contracts.FindAll(which)
            .SelectMany(c => ContractRules.Check(c.Id, c.Settings, entries, catalog).Faults
                .Select(f => f with { Pointer = string.Empty, Detail = $"contract {c.Id.Key} could not be kept: {f.Pointer} {f.Detail}" })).ToList();
        return faults.Count == 0 ? entries : throw new FaultyEntryException(faults);
    }

    /// <exception cref="ProblemException">Somebody uses it.</exception>
    public static void RequireUnused(Entries entries, Predicate<ContractEntry> which)
    {
        var users = entries.Contracts.FindAll(which).Select(c => c.Id.Key).ToList();
        if (users.Count > 0)
        {
            throw new ProblemException(ErrorClass.Conflict, $"It is used by {string.Join(", ", users.Take(10))}; end or change these contracts first.");
        }
    }
}
