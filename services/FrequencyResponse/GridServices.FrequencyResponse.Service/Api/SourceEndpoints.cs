using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Documents;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>Where samples come from. Sources belong to the tenant, not to a site: one meter may drive many.</summary>
internal static class SourceEndpoints
{
    private const int MaxBody = 64 * 1024;

    public static void MapSources(this IEndpointRouteBuilder routes)
    {
        var sources = routes.MapGroup("/v1/sources").RequirePermission(Permission.SeeSettings).WithTags("Sources");
        sources.MapGet("/", List).WithName("listSources").WithSummary("All sources with what they bring").Produces<ListOrPage<SourceItem>>();
        sources.MapPut("/{sourceId}", PutAsync).RequirePermission(Permission.Administer).WithName("putSource").WithSummary("Make or change a source: udp, modbus, c37 or http")
            .Accepts<SourceSettings>("application/json").Produces<SourceItem>().Produces<SourceItem>(StatusCodes.Status201Created)
            .Refuses(ErrorClass.Respond, ErrorClass.TargetMismatch, ErrorClass.Conflict).TakesIfMatch().WritesETag();
        sources.MapGet("/{sourceId}", Get).WithName("getSource").WithSummary("A source with what it brings").Produces<SourceItem>().WritesETag();
        sources.MapDelete("/{sourceId}", DeleteAsync).RequirePermission(Permission.Administer).WithName("deleteSource").WithSummary("Close and forget a source that no contract uses")
            .Produces(StatusCodes.Status204NoContent).Refuses(ErrorClass.Conflict).TakesIfMatch();
    }

    private static IResult List(HttpContext http, PoolHost host, string? after = null, string? limit = null)
    {
        var sources = host.Entries.Sources.Where(s => s.Key.Tenant == http.Caller().Tenant).Select(s => Item(s.Key, s.Value, host));
        return Paging.Answer(after, limit, sources, s => s.SourceId);
    }

    private static IResult Get(string sourceId, HttpContext http, PoolHost host)
    {
        var source = GetSource(http, host, sourceId);
        http.Tag(EntityTags.Compute(source.Source));
        return Results.Ok(source);
    }

    private static async Task<IResult> PutAsync(string sourceId, HttpContext http, PoolHost host, FrequencyCatalog catalog, IClock clock)
    {
        var id = http.ParseId(sourceId);
        RequireWholeTenant(http);
        if (StrictJson.Read<SourceSettings>(await http.Request.ReadBodyAsync(MaxBody, "application/json"), out var faults) is not { } source)
        {
            return ConfigProblem.Answer(http, faults);
        }

        faults = SourceRules.Check(source);
        if (faults.Count > 0)
        {
            return ConfigProblem.Answer(http, faults);
        }

        var isNew = !host.Entries.Sources.ContainsKey(id);
        try
        {
            await host.ChangeAsync(
                entries =>
                {
                    http.RequireMatch(entries.Sources.TryGetValue(id, out var now) ? EntityTags.Compute(now) : null);
                    return ContractDependencies.Recheck(entries with { Sources = entries.Sources.SetItem(id, source) }, catalog, c => c.Id.Tenant == id.Tenant && c.Settings.Sources.Contains(id.Key));
                },
                tx => FrequencyStore.SaveAsync(tx, id, source, clock.GetCurrentInstant()),
                http.RequestAborted);
        }
        catch (FaultyEntryException e)
        {
            return ConfigProblem.Answer(http, e.Faults);
        }

        http.Tag(EntityTags.Compute(source));
        var item = Item(id, source, host);
        return isNew ? Results.Created($"/v1/sources/{sourceId}", item) : Results.Ok(item);
    }

    private static async Task<IResult> DeleteAsync(string sourceId, HttpContext http, PoolHost host)
    {
        RequireWholeTenant(http);
        _ = GetSource(http, host, sourceId);
        var id = http.ParseId(sourceId);
        await host.ChangeAsync(
            entries =>
            {
                http.RequireMatch(entries.Sources.TryGetValue(id, out var now) ? EntityTags.Compute(now) : null);
                ContractDependencies.RequireUnused(entries, c => c.Id.Tenant == id.Tenant && c.Settings.Sources.Contains(id.Key));
                return entries with { Sources = entries.Sources.Remove(id) };
            },
            tx => FrequencyStore.DeleteSourceAsync(tx, id),
            http.RequestAborted);
        return Results.NoContent();
    }

    private static SourceItem GetSource(HttpContext http, PoolHost host, string sourceId) =>
        host.Entries.Sources.TryGetValue(http.ParseId(sourceId), out var source)
            ? Item(http.ParseId(sourceId), source, host)
            : throw new ProblemException(ErrorClass.NotFound, $"There is no source '{SafeText.Line(sourceId)}'. GET /v1/sources lists those there are.");

    private static SourceItem Item(EntryId id, SourceSettings settings, PoolHost host) => new(id.Key, settings, SourceState.Create(id.Key, host.Source(id)));

    /// <summary>A source drives pools at any site.</summary>
    private static void RequireWholeTenant(HttpContext http)
    {
        if (http.Caller().Sites is not null)
        {
            throw new ProblemException(ErrorClass.AuthzSite, "A source belongs to all sites of the tenant; use a token without a site scope.");
        }
    }
}

/// <summary>A source and how it does.</summary>
public sealed record SourceItem(string SourceId, SourceSettings Source, SourceState State);
