using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using GridServices.Simulators.DerServer.Model;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Simulators.DerServer.Control;

/// <summary>What a tester can ask of the simulated utility: <c>/sim/…</c>, from this machine's own HTTP port only.</summary>
internal static class ControlApi
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new InstantJson() }, NumberHandling = JsonNumberHandling.AllowReadingFromString };

    public static void Map(WebApplication app, SimulatedUtility utility)
    {
        var sim = app.MapGroup("/sim");
        sim.AddEndpointFilter(OnlyFromHere);
        sim.MapGet("/", () => Results.Json(new { dialect = utility.Options.Dialect.ToString(), devices = utility.Devices.Count, programs = utility.Programs.Count }, Json));
        sim.MapGet("/log", (long? since) => Results.Json(utility.Log.Requests(since ?? 0), Json));
        sim.MapGet("/lines", (long? since) => Results.Json(utility.Log.Lines(since ?? 0), Json));
        sim.MapGet("/responses", () => Results.Json(utility.Responses, Json));
        sim.MapGet("/reservations", () => Results.Json(utility.Reservations.Select(Show), Json));
        sim.MapPost("/reservations/{number:int}/grants", async (HttpRequest request, int number) =>
        {
            var body = await Body<GrantBody>(request);
            return Results.Json(utility.Grant(Reservation(utility, number), utility.Now + Duration.FromSeconds(body.InSeconds), Duration.FromSeconds(body.Seconds), body.PowerW, body.EnergyWh), Json);
        });
        sim.MapPost("/reservations/{number:int}/cancel", (int number) =>
        {
            utility.CancelGrants(Reservation(utility, number));
            return Results.NoContent();
        });
        sim.MapGet("/log-events", () => Results.Json(utility.Devices.SelectMany(d => d.LogEvents).Select(Show), Json));
        sim.MapGet("/readings", () => Results.Json(utility.Readings, Json));
        sim.MapGet("/subscriptions", () => Results.Json(utility.Subscriptions, Json));
        sim.MapDelete("/subscriptions", (string? resource) => Results.Json(new { dropped = utility.DropSubscriptions(resource) }, Json));
        sim.MapGet("/notifications", () => Results.Json(utility.Notified.Select(n => new { n.Uri, n.Resource, n.Status }), Json));
        sim.MapPost("/notifications", async (HttpRequest request) =>
        {
            var body = await Body<NotificationBody>(request);
            utility.NotifySubscribers(body.Resource ?? throw new SimException("resource is missing."), body.Status, body.NewResource);
            return Results.NoContent();
        });
        sim.MapLoads(utility);
        Devices(sim, utility);
        Programs(sim, utility);
        Misbehaviour(sim, utility);
    }

    private static void Devices(RouteGroupBuilder sim, SimulatedUtility utility)
    {
        sim.MapGet("/devices", () => Results.Json(utility.Devices.Select(Show), Json));
        sim.MapPost("/devices", async (HttpRequest request) =>
        {
            var body = await Body<DeviceBody>(request);
            return Results.Json(Show(utility.Register(body.LFdi ?? throw new SimException("lFdi is missing."), body.Pin, body.Owner, body.Number)), Json);
        });
        sim.MapPut("/rates", async (HttpRequest request) => Results.Json(utility.Rates = await Body<SimRates>(request), Json));
        sim.MapPut("/clock", async (HttpRequest request) =>
        {
            utility.ClockOffset = Duration.FromSeconds((await Body<ClockBody>(request)).OffsetSeconds);
            return Results.NoContent();
        });
    }

    private static void Programs(RouteGroupBuilder sim, SimulatedUtility utility)
    {
        sim.MapGet("/programs", () => Results.Json(utility.Programs.Select(p => Show(p, utility.Now)), Json));
        sim.MapPost("/programs", async (HttpRequest request) =>
        {
            var body = await Body<ProgramBody>(request);
            return Results.Json(Show(utility.AddProgram(body.Primacy, body.Fsa, body.Description, body.Devices), utility.Now), Json);
        });
        sim.MapDelete("/programs/{number:int}", (int number) =>
        {
            utility.RemoveProgram(Program(utility, number));
            return Results.NoContent();
        });
        sim.MapPut("/programs/{number:int}/default", async (HttpRequest request, int number) =>
        {
            var body = await Body<DefaultBody>(request);
            utility.SetDefault(Program(utility, number), body.Modes is { } modes ? SimModes.Read(modes) : null, body.SetGradW);
            return Results.NoContent();
        });
        sim.MapPut("/programs/{number:int}/curves/{curve:int}", async (HttpRequest request, int number, int curve) =>
        {
            var body = await Body<CurveBody>(request);
            utility.SetCurve(Program(utility, number), curve, body.Type, body.Points, body.XMultiplier, body.YMultiplier, body.YRefType, body.OpenLoopTms);
            return Results.NoContent();
        });
        sim.MapGet("/controls", () => Results.Json(utility.Programs.SelectMany(p => p.Controls.Select(c => Show(p, c, utility.Now))), Json));
        sim.MapPost("/controls", async (HttpRequest request) =>
        {
            var body = await Body<ControlBody>(request);
            var program = Program(utility, body.Program);
            var control = utility.AddControl(
                program, body.Start ?? utility.Now + Duration.FromSeconds(body.InSeconds), Duration.FromSeconds(body.Seconds), SimModes.Read(body.Modes),
                body.RandomizeStart, body.RandomizeDuration, body.ResponseRequired, body.MRid);
            return Results.Json(Show(program, control, utility.Now), Json);
        });
        sim.MapPost("/controls/{number:int}/cancel", (int number, bool? randomized) => Each(utility, number, (p, c) => utility.Cancel(p, c, randomized ?? false)));
        sim.MapDelete("/controls/{number:int}", (int number) => Each(utility, number, utility.Drop));
    }

    private static void Misbehaviour(RouteGroupBuilder sim, SimulatedUtility utility)
    {
        sim.MapPost("/faults", async (HttpRequest request) =>
        {
            var body = await Body<FaultBody>(request);
            utility.Faults.Times = body.Times;
            utility.Faults.Outage = body.Outage;
            utility.Faults.RetryAfter = body.RetryAfter;
            if (body.Path is { } path)
            {
                Set(utility.Faults, path, body);
            }

            return Results.NoContent();
        });
        sim.MapDelete("/faults", () =>
        {
            utility.Faults.Clear();
            return Results.NoContent();
        });
        sim.MapPost("/http-scenario", async (HttpRequest request) =>
        {
            foreach (var (path, reply) in CannedReply.Scenario(await Body<JsonElement>(request)))
            {
                utility.Faults.Reply(path, reply);
            }

            return Results.NoContent();
        });
    }

    private static void Set(Faults faults, string path, FaultBody body)
    {
        if (body.Redirect is { } location)
        {
            faults.Redirects[path] = (body.Status ?? 302, location);
        }
        else if (body.All is not null || body.Results is not null)
        {
            faults.Lies[path] = (body.All, body.Results);
        }
        else if (body.ForeignHost is { } host)
        {
            faults.ForeignHosts[path] = host;
        }
        else
        {
            faults.Reply(path, new CannedReply { Status = body.Status ?? 200, Body = body.Body, ContentType = body.ContentType, TrickleBytesPerSecond = body.TrickleBytesPerSecond });
        }
    }

    private static IResult Each(SimulatedUtility utility, int number, Action<SimProgram, SimControl> act)
    {
        foreach (var program in utility.Programs)
        {
            if (program.Controls.Find(c => c.Number == number) is { } control)
            {
                act(program, control);
                return Results.NoContent();
            }
        }

        throw new SimException($"There is no control {number}.");
    }

    private static SimProgram Program(SimulatedUtility utility, int number) =>
        utility.Programs.FirstOrDefault(p => p.Number == number) ?? throw new SimException($"There is no program {number}.");

    private static SimReservation Reservation(SimulatedUtility utility, int number) =>
        utility.Reservations.FirstOrDefault(r => r.Number == number) ?? throw new SimException($"There is no reservation {number}.");

    private static object Show(SimDevice d) => new
    {
        d.Number,
        d.LFdi,
        d.SFdi,
        d.Owner,
        d.Pin,
        d.IsInBand,
        d.ConnectionPointId,
        category = d.DeviceCategory?.ToString("X8", System.Globalization.CultureInfo.InvariantCulture),
        der = d.Der.ToDictionary(p => p.Key, p => p.Value.ToString(), StringComparer.Ordinal),
        logEvents = d.LogEvents.Select(l => l.Xml.ToString()),
    };

    private static object Show(SimReservation r) => new { r.Device, r.Number, r.MRid, r.EnergyWh, r.PowerW, r.From, r.Until, r.IsCancelled, r.Grants };

    private static object Show(SimLogEvent l) => new { l.Device, l.Created, l.FunctionSet, l.Code, l.Meaning, l.Id, l.Pen, l.Profile, l.ExtendedData, l.Details };

    private static object Show(SimProgram p, Instant now) => new
    {
        p.Number,
        p.MRid,
        p.Primacy,
        p.Description,
        p.Fsa,
        @default = p.Default is { } d ? new { d.Modes.Values, d.SetGradW, d.Version } : null,
        controls = p.Controls.Select(c => Show(p, c, now)),
    };

    private static object Show(SimProgram p, SimControl c, Instant now) => new
    {
        c.Number,
        program = p.Number,
        c.MRid,
        c.Created,
        c.Start,
        c.End,
        modes = c.Modes.Values,
        status = c.StatusAt(now),
        c.CancelledAt,
        c.SupersededAt,
        c.RandomizeStart,
        c.RandomizeDuration,
    };

    internal static IResult Answer(object answer) => Results.Json(answer, Json);

    internal static async Task<T> Body<T>(HttpRequest request) =>
        await JsonSerializer.DeserializeAsync<T>(request.Body, Json, request.HttpContext.RequestAborted) ?? throw new SimException("A JSON object is wanted.");

    private static async ValueTask<object?> OnlyFromHere(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (context.HttpContext.Connection.RemoteIpAddress is not { } address || !IPAddress.IsLoopback(address) || context.HttpContext.Request.IsHttps)
        {
            return Results.Json(new { error = "/sim is for this machine's own HTTP port only." }, statusCode: StatusCodes.Status403Forbidden);
        }

        try
        {
            return await next(context);
        }
        catch (Exception wrong) when (wrong is SimException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return Results.Json(new { error = wrong.Message }, statusCode: StatusCodes.Status400BadRequest);
        }
    }

    private sealed record DeviceBody(string? LFdi, int? Pin, string? Owner, int? Number);

    private sealed record ClockBody(double OffsetSeconds);

    private sealed record ProgramBody(byte Primacy, string? Description, IReadOnlyList<int>? Devices, int Fsa = 1);

    private sealed record DefaultBody(JsonElement? Modes, int? SetGradW);

    private sealed record CurveBody(byte Type, IReadOnlyList<SimPoint> Points, int XMultiplier, int YMultiplier, byte YRefType, int? OpenLoopTms);

    private sealed record ControlBody(
        JsonElement Modes, Instant? Start, int? RandomizeStart, int? RandomizeDuration, string? MRid, int Program = 1, int InSeconds = 0, int Seconds = 300, string? ResponseRequired = "03");

    private sealed record GrantBody(long PowerW, long EnergyWh, int InSeconds = 0, int Seconds = 300);

    private sealed record NotificationBody(string? Resource, int Status, string? NewResource);

    private sealed record FaultBody(
        string? Path, int? Outage, string? RetryAfter, int? Times, int? Status, string? Redirect, string? All, string? Results, string? ForeignHost,
        string? Body, int? TrickleBytesPerSecond, string? ContentType = "application/sep+xml");

    private sealed class InstantJson : JsonConverter<Instant>
    {
        public override Instant Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            InstantPattern.ExtendedIso.Parse(reader.GetString() ?? "") is { Success: true } parsed ? parsed.Value : throw new JsonException("not an instant");

        public override void Write(Utf8JsonWriter writer, Instant value, JsonSerializerOptions options) => writer.WriteStringValue(InstantPattern.ExtendedIso.Format(value));
    }
}
