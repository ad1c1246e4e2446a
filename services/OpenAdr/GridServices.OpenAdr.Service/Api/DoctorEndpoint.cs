using GridServices.Hosting.Auth;
using GridServices.OpenAdr.Service.Doctor;
using GridServices.OpenAdr.Service.Driver;

namespace GridServices.OpenAdr.Service.Api;

/// <summary>What is wrong with a VEN's line, in plain words.</summary>
internal static class DoctorEndpoint
{
    public static void MapDoctor(this IEndpointRouteBuilder routes) => routes
        .MapGet("/v1/vens/{venKey}/doctor", async (string venKey, HttpContext http, VenHost host, VenDoctor doctor) =>
            Results.Ok(await doctor.ExamineAsync(http.GetVen(host, venKey).View, http.RequestAborted)))
        .RequirePermission(Permission.Operate)
        .WithTags("VENs")
        .WithName("getDoctor")
        .WithSummary("Fingerprint, certificates, a connection and TLS probe, clock skew, and what to do")
        .Produces<DoctorReport>();
}
