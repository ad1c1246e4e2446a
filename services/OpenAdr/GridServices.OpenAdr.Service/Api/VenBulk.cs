using System.Collections.Concurrent;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Documents;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Service.Meters;
using GridServices.OpenAdr.Service.Push;
using GridServices.OpenAdr.Service.Registry;
using NodaTime;

namespace GridServices.OpenAdr.Service.Api;

/// <summary>Many VENs at once: checked all together, then made, changed and removed one by one.</summary>
internal static class VenBulk
{
    private const int MaxBody = 32 * 1024 * 1024;
    private const int MostVens = 5_000;

    /// <summary>So many are stored at once: enough for commits to share a write, few enough for everybody else to get in between.</summary>
    private const int AtOnce = 16;

    public static void MapVenBulk(this IEndpointRouteBuilder routes) => routes.MapPut("/v1/vens", PutAsync).WithTags("VENs")
        .RequirePermission(Permission.EditSites).WithName("putVens").WithSummary("Make, change and remove many VENs")
        .WithDescription(
            "VENs that are not named are left alone. A fault anywhere (400, each with its JSON pointer) and nothing is done. Then each VEN is removed, made or changed by itself, removals first, "
            + "and the answer says of each what was done: one that can't be stored is refused alone, and of one that is unconfirmed nobody knows yet whether it was. "
            + "One that is already so is left alone, so the same request can be sent again.")
        .Accepts<VenBulkBody>("application/json").Produces<VenBulkResult>().Refuses(ErrorClass.Conflict);

    private static async Task<IResult> PutAsync(
        HttpContext http, VenHost host, VenProtocol protocol, PushOptions push, CertificateFolderOptions certificates, PastSourceRules pastSources,
        ClusterNode node, IClock clock, string? dryRun = null)
    {
        if (node.IsOn)
        {
            throw new ProblemException(ErrorClass.Conflict, "Many VENs at once are not taken in cluster mode: no node knows them all. PUT and DELETE each VEN by itself; any node takes it.");
        }

        var isDry = dryRun switch { null or "false" => false, "true" => true, _ => throw new ProblemException(ErrorClass.SemanticCode, "dryRun is true or false.", "dryRun") };
        if (StrictJson.Read<VenBulkBody>(await http.Request.ReadBodyAsync(MaxBody, "application/json"), out var malformed) is not { } body)
        {
            return ConfigProblem.Answer(http, malformed);
        }

        var (vens, faults) = Check(http, body, push.Listen is not null, certificates.ForTenant(http.Caller().Tenant), pastSources);
        var removed = (body.Remove ?? []).Select((key, i) => Id(http, key, $"/remove/{i}", faults)).OfType<EngineId>().ToList();
        if (faults.Count > 0)
        {
            return ConfigProblem.Answer(http, faults);
        }

        foreach (var id in removed.Concat(vens.Select(v => v.Id)))
        {
            if (host.TryGet(id, out var held))
            {
                http.RequireSites(held.View.Config);
            }
        }

        var now = clock.GetCurrentInstant();
        return Results.Ok(VenBulkResult.Create(isDry, isDry ? Plan(host, protocol, removed, vens, now) : await ApplyAsync(host, removed, vens, now, http.RequestAborted)));
    }

    private static async Task<IReadOnlyCollection<VenBulkItem>> ApplyAsync(VenHost host, List<EngineId> removed, List<CheckedVen> vens, Instant now, CancellationToken ct)
    {
        var done = new ConcurrentBag<VenBulkItem>();
        await EachAsync(removed, async id => done.Add(await RemoveAsync(host, id, ct)), ct);
        await EachAsync(vens, async ven => done.Add(await StoreAsync(host, ven, now, ct)), ct);
        return done;
    }

    private static List<VenBulkItem> Plan(VenHost host, VenProtocol protocol, List<EngineId> removed, List<CheckedVen> vens, Instant now)
    {
        var claims = new BulkClaims(protocol, host.Loops);
        removed.ForEach(claims.Remove);
        return
        [
            .. removed.Select(id => Removed(id, host.TryGet(id, out _))),
            .. vens.Select(ven => Unchanged(host, ven) ?? Stored(ven, FindStored(host, ven.Id), now, host.FindForeignTenantProblem(ven.Id, ven.Config)?.Message ?? claims.Claim(ven.Id, ven.Config))),
        ];
    }

    private static (List<CheckedVen> Vens, List<ConfigFault> Faults) Check(HttpContext http, VenBulkBody body, bool isPushOffered, TenantFiles files, PastSourceRules pastSources)
    {
        var (vens, faults) = (new List<CheckedVen>(), new List<ConfigFault>());
        if (body.Vens.Count > MostVens || body.Remove?.Count > MostVens)
        {
            faults.Add(new ConfigFault(ErrorClass.LimitCount, "/vens", $"more than {MostVens} VENs; send them in several requests"));
            return (vens, faults);
        }

        var seen = (body.Remove ?? []).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < body.Vens.Count; i++)
        {
            var (ven, at) = (body.Vens[i], $"/vens/{i}");
            if (!seen.Add(ven.VenKey))
            {
                faults.Add(new ConfigFault(ErrorClass.Configuration, $"{at}/venKey", $"'{SafeText.Short(ven.VenKey)}' is named twice in this request"));
            }

            if (Id(http, ven.VenKey, $"{at}/venKey", faults) is not { } id)
            {
                continue;
            }

            var rules = VenRules.Check(ven.Config, isPushOffered, files);
            faults.AddRange(rules.Faults.Select(f => f with { Pointer = $"{at}/config{f.Pointer}" }));
            http.RequireSites(ven.Config);
            vens.Add(new CheckedVen(id, ven.Config, [.. rules.Warnings, .. pastSources.Warnings(id.Tenant, ven.Config)]));
        }

        return (vens, faults);
    }

    private static EngineId? Id(HttpContext http, string venKey, string at, List<ConfigFault> faults)
    {
        try
        {
            return http.GetEngineId(venKey);
        }
        catch (ProblemException e)
        {
            faults.Add(new ConfigFault(e.Class ?? ErrorClass.SemanticId, at, e.Message));
            return null;
        }
    }

    private static VenBulkItem Removed(EngineId id, bool isHeld) => new(id.Key, isHeld ? VenBulkStatus.Removed : VenBulkStatus.Absent, [], null);

    // While a change waits, or a new VEN is being stored, nothing of what shows is on disk for sure, nor what was wanted last.
    private static VenBulkItem? Unchanged(VenHost host, CheckedVen ven) =>
        host.TryGet(ven.Id, out var held) && held is { IsStored: true, IsChanging: false } && EntityTags.Compute(held.View.Config) == EntityTags.Compute(ven.Config)
        ? new VenBulkItem(ven.Id.Key, VenBulkStatus.Unchanged, ven.Warnings, null)
        : null;

    private static VenView? FindStored(VenHost host, EngineId id) => host.TryGet(id, out var held) && held.IsStored ? held.View : null;

    private static VenBulkItem Stored(CheckedVen ven, VenView? before, Instant now, string? problem)
    {
        IReadOnlyList<string> warnings = before is null ? ven.Warnings : [.. ven.Warnings, .. EventMeaning.BrokenBy(ven.Config, before.Config, before.State, now)];
        return new VenBulkItem(ven.Id.Key, problem is not null ? VenBulkStatus.Refused : before is null ? VenBulkStatus.Created : VenBulkStatus.Changed, warnings, problem);
    }

    private static async Task<VenBulkItem> RemoveAsync(VenHost host, EngineId id, CancellationToken ct)
    {
        try
        {
            return Removed(id, await host.DeleteAsync(id, ct));
        }
        catch (ProblemException e)
        {
            return new VenBulkItem(id.Key, EngineWait.IsOpen(e) ? VenBulkStatus.Unconfirmed : VenBulkStatus.Refused, [], e.Message);
        }
    }

    private static async Task<VenBulkItem> StoreAsync(VenHost host, CheckedVen ven, Instant now, CancellationToken ct)
    {
        if (Unchanged(host, ven) is { } unchanged)
        {
            return unchanged;
        }

        var before = FindStored(host, ven.Id);
        try
        {
            await host.PutAsync(ven.Id, ven.Config, ct);
            return Stored(ven, before, now, null);
        }
        catch (ProblemException e)
        {
            var item = Stored(ven, before, now, e.Message);
            return EngineWait.IsOpen(e) ? item with { Status = VenBulkStatus.Unconfirmed } : item;
        }
    }

    private static Task EachAsync<T>(IEnumerable<T> items, Func<T, Task> work, CancellationToken ct) =>
        Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (item, _) => await work(item));

    private sealed record CheckedVen(EngineId Id, VenConfig Config, IReadOnlyList<string> Warnings);
}
