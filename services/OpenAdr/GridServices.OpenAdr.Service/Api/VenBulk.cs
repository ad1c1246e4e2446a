using System.Collections.Concurrent;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Hosting;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Service.Push;
using GridServices.OpenAdr.Service.Registry;

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
            + "and the answer says of each what was done: one that can't be stored is refused alone. One that is already so is left alone, so the same request can be sent again.")
        .Accepts<VenBulkBody>("application/json").Produces<VenBulkResult>();

    private static async Task<IResult> PutAsync(HttpContext http, VenHost fleet, PushOptions push, CertificateFolderOptions certificates, string? dryRun = null)
    {
        var isDry = dryRun switch { null or "false" => false, "true" => true, _ => throw new ProblemException(ErrorClass.SemanticCode, "dryRun is true or false.", "dryRun") };
        if (StrictJson.Read<VenBulkBody>(await http.Request.ReadBodyAsync(MaxBody, "application/json"), out var malformed) is not { } body)
        {
            return ConfigProblem.Answer(http, malformed);
        }

        var (vens, faults) = Check(http, body, push.Listen is not null, certificates.Of(http.Caller().Tenant));
        var removed = (body.Remove ?? []).Select((key, i) => Id(http, key, $"/remove/{i}", faults)).OfType<EngineId>().ToList();
        if (faults.Count > 0)
        {
            return ConfigProblem.Answer(http, faults);
        }

        foreach (var id in removed.Concat(vens.Select(v => v.Id)))
        {
            if (fleet.TryGet(id, out var held))
            {
                http.RequireSites(held.View.Config);
            }
        }

        var done = new ConcurrentBag<VenBulkItem>();
        await EachAsync(removed, async id => done.Add(await RemoveAsync(fleet, id, isDry)), http.RequestAborted);
        await EachAsync(vens, async ven => done.Add(await StoreAsync(fleet, ven, isDry, http.RequestAborted)), http.RequestAborted);
        return Results.Ok(VenBulkResult.Of(isDry, done));
    }

    private static (List<CheckedVen> Vens, List<ConfigFault> Faults) Check(HttpContext http, VenBulkBody body, bool isPushOffered, TenantFiles files)
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
            vens.Add(new CheckedVen(id, ven.Config, rules.Warnings));
        }

        return (vens, faults);
    }

    private static EngineId? Id(HttpContext http, string venKey, string at, List<ConfigFault> faults)
    {
        try
        {
            return http.IdOf(venKey);
        }
        catch (ProblemException e)
        {
            faults.Add(new ConfigFault(e.Class ?? ErrorClass.SemanticId, at, e.Message));
            return null;
        }
    }

    private static async Task<VenBulkItem> RemoveAsync(VenHost fleet, EngineId id, bool dryRun)
    {
        var isHeld = dryRun ? fleet.TryGet(id, out _) : await fleet.DeleteAsync(id);
        return new VenBulkItem(id.Key, isHeld ? VenBulkStatus.Removed : VenBulkStatus.Absent, [], null);
    }

    private static async Task<VenBulkItem> StoreAsync(VenHost fleet, CheckedVen ven, bool dryRun, CancellationToken ct)
    {
        var (id, config, warnings) = ven;
        var isHeld = fleet.TryGet(id, out var held);
        if (isHeld && EntityTags.Compute(held!.View.Config) == EntityTags.Compute(config))
        {
            return new VenBulkItem(id.Key, VenBulkStatus.Unchanged, warnings, null);
        }

        try
        {
            var isNew = dryRun ? !isHeld : await fleet.PutAsync(id, config, ct);
            return new VenBulkItem(id.Key, isNew ? VenBulkStatus.Created : VenBulkStatus.Changed, warnings, null);
        }
        catch (ProblemException e)
        {
            return new VenBulkItem(id.Key, VenBulkStatus.Refused, warnings, e.Message);
        }
    }

    private static Task EachAsync<T>(IEnumerable<T> items, Func<T, Task> work, CancellationToken ct) =>
        Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (item, _) => await work(item));

    private sealed record CheckedVen(EngineId Id, VenConfig Config, IReadOnlyList<string> Warnings);
}
