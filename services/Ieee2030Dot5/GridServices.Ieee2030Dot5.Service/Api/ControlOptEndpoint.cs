using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Documents;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Session;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary>People's choices about controls of demand response.</summary>
internal static partial class ControlOptEndpoint
{
    private const int MaxBody = 4 * 1024;

    public static void MapControlOpt(this IEndpointRouteBuilder routes) => routes
        .MapPut("/v1/clients/{clientKey}/controls/{mRid}/opt", OptAsync).RequirePermission(Permission.Opt).WithTags("Resources").WithName("putControlOpt")
        .WithSummary("Opt out of an EndDeviceControl of demand response, or in again")
        .WithDescription("Stored before it is answered; opting out ends the control's limit at the site at once and is told to the server (4, and 5 for opting in). At the control's end the server is told 8, 9 or 10 by how long it was overridden. "
            + "A mandatory control can be overridden once it has begun and for its overrideDuration only, after which it is followed again (409 otherwise). Controls of DER can't be opted out of (404).")
        .Accepts<ControlOptBody>("application/json").Produces<ControlItem>().Refuses(ErrorClass.Conflict);

    private static async Task<IResult> OptAsync(string clientKey, string mRid, HttpContext http, ClientHost host, SteadyClock clock, ILogger<ClientHost> log)
    {
        var client = http.GetClient(host, clientKey);
        if (StrictJson.Read<ControlOptBody>(await http.Request.ReadBodyAsync(MaxBody, "application/json"), out var faults) is not { } body)
        {
            return ConfigProblem.Answer(http, faults);
        }

        var (device, control) = GetControl(client.View, mRid, body.SiteId);
        var isOut = body.OptType == ControlOpt.OptOut;
        var now = client.View.State.Clock.OnServer(clock.GetCurrentInstant());
        if (IsOut(control, now) != isOut && LoadControlOpts.FindObstacle(control, now, isOut) is { } why)
        {
            throw new ProblemException(ErrorClass.Conflict, why);
        }

        await client.SubmitAsync(new DerInput.Opt(device.SiteId, control.MRid, isOut), http.RequestAborted);
        (device, control) = GetControl(client.View, mRid, device.SiteId);
        now = client.View.State.Clock.OnServer(clock.GetCurrentInstant());
        if (IsOut(control, now) != isOut)
        {
            throw new ProblemException(ErrorClass.Conflict, LoadControlOpts.FindObstacle(control, now, isOut) ?? "The choice was not taken; look at the client's notes.");
        }

        var by = http.Caller().TokenId;
        LogOpt(log, client.Id, control.MRid, device.SiteId, body.OptType, by);
        return Results.Ok(ControlItem.FromLoad(device, control, client.View.State, now));
    }

    private static bool IsOut(HeldControl control, NodaTime.Instant now) => LoadControlOpts.InForce(control, now) is not null;

    private static (DeviceState Device, HeldControl Control) GetControl(ClientView view, string mRid, string? siteId)
    {
        var found = view.Active().Where(d => siteId is null || d.SiteId == siteId).Select(d => (Device: d, Control: LoadControlOpts.Find(d, mRid))).Where(f => f.Control is not null).ToList();
        return found switch
        {
            [var one] => (one.Device, one.Control!),
            [] => throw new ProblemException(ErrorClass.NotFound, $"The client holds no EndDeviceControl '{SafeText.Line(mRid)}'{(siteId is null ? string.Empty : $" for site '{SafeText.Line(siteId)}'")}."),
            _ => throw new ProblemException(ErrorClass.SchemaInvalid, "Several sites of the client hold this control; name one in siteId.", "/siteId"),
        };
    }

    [LoggerMessage(EventId = EventIds.ControlOptEndpointChosen, Level = LogLevel.Information, Message = "Client {Client} control {MRid} of site {SiteId}: {Opt} chosen by {TokenId}")]
    private static partial void LogOpt(ILogger log, EngineId client, string mRid, string siteId, ControlOpt opt, string tokenId);
}
