using System.Net;
using System.Text.Json.Nodes;
using GridServices.Simulators.Vtn.Messages;

namespace GridServices.Simulators.Vtn.Control;

/// <summary>What a tester can ask of the simulated VTN: <c>/sim/…</c>, from this machine only.</summary>
internal static class ControlApi
{
    public static void Map(WebApplication app, VtnServer vtn, Commands commands)
    {
        var sim = app.MapGroup("/sim");
        sim.AddEndpointFilter(OnlyFromHere);
        sim.MapGet("/", () => new { vtn.Options.VtnId, vens = vtn.ShowVens().Count, events = vtn.ShowEvents().Count });
        sim.MapGet("/vens", vtn.ShowVens);
        sim.MapGet("/events", vtn.ShowEvents);
        sim.MapGet("/opts", vtn.ShowOpts);
        sim.MapGet("/pushes", vtn.ShowPushes);
        sim.MapGet("/created-events", () => Results.Json(vtn.Journal.CreatedEvents(), SimJson.Options));
        sim.MapGet("/reports", () => Results.Json(vtn.Journal.Reports(), SimJson.Options));
        sim.MapGet("/messages", (long? since, string? name) => Results.Json(vtn.Journal.Messages(since ?? 0, name), SimJson.Options));
        sim.MapGet("/log", (HttpContext http, long? since, string? wait) => WriteLog(http, vtn, since ?? 0, wait));
        MapCommands(sim, vtn, commands);
    }

    // Every command is a JSON object with "do"; the paths are shorthands for it.
    private static void MapCommands(RouteGroupBuilder sim, VtnServer vtn, Commands commands)
    {
        // HttpRequest, not HttpContext: a lambda of HttpContext alone is taken for a RequestDelegate, and its result is lost.
        sim.MapPost("/do", async (HttpRequest request) => Results.Json(commands.Execute(await Body(request))));
        sim.MapPost("/events", async (HttpRequest request) => Run(commands, "event", new() { ["event"] = await Body(request) }));
        sim.MapPatch("/events/{id}", async (HttpRequest request, string id) => Run(commands, "modify", new() { ["eventId"] = id, ["event"] = await Body(request) }));
        sim.MapPost("/events/{id}/cancel", (string id) => Run(commands, "cancel", new() { ["eventId"] = id }));
        sim.MapDelete("/events/{id}", (string id) => Run(commands, "drop", new() { ["eventId"] = id }));
        sim.MapPost("/faults", async (HttpRequest request) => Run(commands, "fault", new() { ["fault"] = await Body(request) }));
        sim.MapDelete("/faults", () => Run(commands, "clear-faults", []));
        sim.MapGet("/habits", () => Results.Json(vtn.Habits.Now, SimJson.Options));
        sim.MapPut("/habits", async (HttpRequest request) => Run(commands, "habits", await Body(request)));
        sim.MapPost("/refuse-opts", async (HttpRequest request) => Run(commands, "refuse-opts", await Body(request)));
        sim.MapPost("/raw", async (HttpRequest request, string? venId) => Run(commands, "raw", new() { ["venId"] = venId, ["base64"] = await Base64(request) }));
        sim.MapPost("/replay", async (HttpRequest request, string? venId, string? start, bool? rewriteIds, string? suffix, string? marketContext) => Run(
            commands, "replay", new() { ["venId"] = venId, ["start"] = start, ["rewriteIds"] = rewriteIds, ["suffix"] = suffix, ["marketContext"] = marketContext, ["base64"] = await Base64(request) }));
        foreach (var name in new[] { "request-reregistration", "cancel-registration", "forget", "request-metadata", "request-reports", "cancel-reports" })
        {
            sim.MapPost($"/vens/{{venId}}/{name}", async (HttpRequest request, string venId) =>
            {
                var command = await Body(request);
                command["venId"] = venId;
                return Run(commands, name, command);
            });
        }
    }

    private static IResult Run(Commands commands, string verb, JsonObject command)
    {
        command["do"] = verb;
        return Results.Json(commands.Execute(command));
    }

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
        catch (Exception wrong) when (wrong is SimException or FormatException or InvalidOperationException or System.Text.Json.JsonException or System.Xml.XmlException)
        {
            return Results.Json(new { error = wrong.Message }, statusCode: StatusCodes.Status400BadRequest);
        }
    }

    private static async Task<JsonObject> Body(HttpRequest request)
    {
        if (request.ContentLength is null or 0)
        {
            return [];
        }

        return await JsonNode.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted) as JsonObject ?? throw new SimException("The body is a JSON object.");
    }

    private static async Task<string> Base64(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        return Convert.ToBase64String(body.ToArray());
    }

    private static async Task WriteLog(HttpContext http, VtnServer vtn, long since, string? wait)
    {
        var entries = await vtn.Log.After(since, wait is null ? TimeSpan.Zero : IsoText.ParseDuration(wait).ToTimeSpan(), http.RequestAborted);
        http.Response.ContentType = "application/x-ndjson";
        foreach (var entry in entries)
        {
            await http.Response.WriteAsync(System.Text.Json.JsonSerializer.Serialize(entry, SimJson.Options) + "\n", http.RequestAborted);
        }
    }
}
