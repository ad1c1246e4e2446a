using GridServices.Hosting.Auth;
using GridServices.Ieee2030Dot5.Service.Doctor;
using GridServices.Ieee2030Dot5.Service.Driver;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary>What is wrong with a client's line, in plain words.</summary>
internal static class DoctorEndpoint
{
    public static void MapDoctor(this IEndpointRouteBuilder routes) => routes
        .MapGet("/v1/clients/{clientKey}/doctor", async (string clientKey, HttpContext http, ClientHost host, ClientDoctor doctor) =>
            Results.Ok(await doctor.ExamineAsync(http.GetClient(host, clientKey).View, http.RequestAborted)))
        .RequirePermission(Permission.Operate)
        .WithTags("Clients")
        .WithName("getDoctor")
        .WithSummary("LFDI, SFDI, PIN, certificates, a connection and TLS probe, clock skew, and what to do")
        .Produces<DoctorReport>();
}
