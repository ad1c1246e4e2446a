using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Tariffs.Midas;
using GridServices.Tariffs.Service.Calculations;

namespace GridServices.Tariffs.Service.Midas;

/// <summary><c>GET /v1/midas</c>.</summary>
internal static class MidasEndpoints
{
    public static void MapMidas(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/midas", StatusAsync)
        .RequirePermission(Permission.SeeSettings, Role.Publisher).WithName("getMidas").WithTags("Prices")
        .WithSummary("How fetching of MIDAS signals goes: until when each is known, what failed, when it is tried again")
        .WithDescription("Rates become price series in USD per kWh (GET /v1/prices/{series}), GHG signals the intensity of a grid zone in g/kWh (GET /v1/grid-intensity/{gridZone}), both for all tenants; what a tenant put itself goes before.")
        .Produces<MidasResponse>();

    private static async Task<IResult> StatusAsync(HttpContext http, Store store, MidasOptions options)
    {
        var known = (await store.ReadAsync(MidasStore.AllAsync, http.RequestAborted)).ToDictionary(s => s.Signal);
        return Responses.Json(new MidasResponse(!options.Signals.IsEmpty, [.. options.Signals], [.. options.Signals.Where(known.ContainsKey).Select(s => known[s])]));
    }
}

/// <summary>How fetching of signals goes.</summary>
/// <param name="IsOn">Whether signals are set: Midas:Prices, Midas:Intensity.</param>
/// <param name="Signals">Those that are fetched.</param>
/// <param name="Statuses">How each goes; one without an entry was not fetched yet.</param>
public sealed record MidasResponse(bool IsOn, IReadOnlyList<MidasSignal> Signals, IReadOnlyList<MidasStatus> Statuses);
