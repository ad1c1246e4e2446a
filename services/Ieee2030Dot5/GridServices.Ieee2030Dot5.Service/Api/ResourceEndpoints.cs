using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Responses;
using GridServices.Ieee2030Dot5.Service.Driver;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary>What a client knows of its server's resources, and what it told the server.</summary>
internal static class ResourceEndpoints
{
    public static void MapResources(this IEndpointRouteBuilder routes)
    {
        var client = routes.MapGroup("/v1/clients/{clientKey}").RequirePermission(Permission.SeeSites).WithTags("Resources");
        client.MapGet("/end-devices", EndDevices).WithName("listEndDevices").WithSummary("The client's EndDevices: registration, PIN, what the utility orders")
            .Produces<IReadOnlyList<EndDeviceItem>>();
        client.MapGet("/programs", Programs).WithName("listPrograms").WithSummary("Programs by primacy, with their defaults")
            .Produces<IReadOnlyList<ProgramItem>>();
        client.MapGet("/controls", Controls).WithName("listControls").WithSummary("Controls as they stand now: drawn times, what they ask, what was answered")
            .Produces<IReadOnlyList<ControlItem>>();
        client.MapGet("/responses", Responses).WithName("listResponses").WithSummary("Responses owed and sent, newest first")
            .Produces<IReadOnlyList<ResponseItem>>();
    }

    private static IResult EndDevices(string clientKey, HttpContext http, ClientHost host) =>
        Results.Ok(http.GetClient(host, clientKey).View.Active().Select(EndDeviceItem.From).ToList());

    private static IResult Programs(string clientKey, HttpContext http, ClientHost host) => Results.Ok(
        http.GetClient(host, clientKey).View.Active().SelectMany(d => d.Schedule.Programs.Concat(d.LoadControl.Schedule.Programs).Select(p => ProgramItem.From(d.SiteId, d.Lfdi, p))).ToList());

    private static IResult Controls(string clientKey, HttpContext http, ClientHost host, SteadyClock clock)
    {
        var view = http.GetClient(host, clientKey).View;
        var now = view.State.Clock.OnServer(clock.GetCurrentInstant());
        return Results.Ok(view.Active().SelectMany(d => ControlItem.All(d, view.State, now)).OrderBy(c => c.Start).ToList());
    }

    private static IResult Responses(string clientKey, HttpContext http, ClientHost host) =>
        Results.Ok(http.GetClient(host, clientKey).View.State.Responses.Reverse().Select(ResponseItem.From).ToList());

    internal static IEnumerable<DeviceState> Active(this ClientView view) => view.State.Devices.Values.Where(d => !d.Retired);
}

/// <summary>An EndDevice of the client at the server.</summary>
public sealed record EndDeviceItem
{
    public required string SiteId { get; init; }
    public required string Lfdi { get; init; }
    public required string Sfdi { get; init; }

    /// <summary>listed: the server has it; absent: its whole list was read without it; unknown: not read yet.</summary>
    public required Presence Presence { get; init; }

    /// <summary>Where it stands at the server.</summary>
    public string? Href { get; init; }

    /// <summary>matches, differs (communication has ceased), or open: nothing to compare.</summary>
    public required PinVerdict Pin { get; init; }

    /// <summary>False: the utility has disconnected the DER; absent: no statement.</summary>
    public bool? Connect { get; init; }

    /// <summary>False: the utility has de-energized the DER; absent: no statement.</summary>
    public bool? Energize { get; init; }

    /// <summary>Ramp rate the utility set, hundredths of a per cent of setMaxW per second.</summary>
    public int? SetGradW { get; init; }

    /// <summary>Alarms that are raised, each with the asset that says so, oldest first; empty: none.</summary>
    public required IReadOnlyList<AlarmItem> Alarms { get; init; }

    /// <summary>Log events that wait for the server.</summary>
    public required int LogEventsOwed { get; init; }

    /// <summary>Resources of ours that the server has taken, by path.</summary>
    public required IReadOnlyList<string> Told { get; init; }

    internal static EndDeviceItem From(DeviceState device) => new()
    {
        SiteId = device.SiteId,
        Lfdi = device.Lfdi,
        Sfdi = Identity.Lfdi.Parse(device.Lfdi).Sfdi.Text,
        Presence = device.Presence,
        Href = device.Known ?? device.Location,
        Pin = device.Pin,
        Connect = device.Ordered.Connect,
        Energize = device.Ordered.Energize,
        SetGradW = device.Gradient?.SetGradW,
        Alarms = [.. device.Alarms.SelectMany(a => a.Raised.Select(r => new AlarmItem(r.Kind, a.Source.Length == 0 ? null : a.Source, r.Since))).OrderBy(a => a.Since)],
        LogEventsOwed = device.Logs.Count,
        Told = [.. device.Told.Keys],
    };
}

/// <summary>An alarm that is raised.</summary>
/// <param name="Alarm">Which.</param>
/// <param name="AssetId">Whose; absent: the connection point's.</param>
/// <param name="Since">Since when, by our clock.</param>
public sealed record AlarmItem(AlarmKind Alarm, string? AssetId, Instant Since);

/// <summary>A response to a control.</summary>
/// <param name="MRid">The control.</param>
/// <param name="Status">1 received, 2 started, 3 completed, 6 cancelled, 7 superseded, 252 to 254 refused…</param>
/// <param name="Lfdi">The EndDevice that answers.</param>
/// <param name="At">When it fell due, by the server's clock.</param>
/// <param name="Outcome">owed, taken, parked (the server refuses it for good) or expired.</param>
/// <param name="Reason">Why it is parked or expired.</param>
public sealed record ResponseItem(string MRid, int Status, string Lfdi, Instant At, ResponseOutcome Outcome, string? Reason)
{
    internal static ResponseItem From(ResponseEntry entry) => new(entry.MRid, entry.Status, entry.Lfdi, entry.At, entry.Outcome, entry.Reason);
}
