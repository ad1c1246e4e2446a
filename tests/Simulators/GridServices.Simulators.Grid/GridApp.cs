using System.Globalization;
using GridServices.Simulators.Grid.Traces;

namespace GridServices.Simulators.Grid;

/// <summary>Puts the simulator together. Tests start it in process: <c>GridApp.Build(["--http", "127.0.0.1:0", …])</c>.</summary>
public static class GridApp
{
    /// <exception cref="SimException">An option is wrong.</exception>
    public static WebApplication Build(IReadOnlyList<string> args)
    {
        var options = GridOptions.Parse(args);
        var world = new GridWorld(options);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddConsole().SetMinimumLevel(LogLevel.Error);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 64 * 1024;
            kestrel.Listen(options.Http);
        });
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(world);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<GridRun>();
        builder.Services.AddHostedService(services => services.GetRequiredService<GridRun>());
        var app = builder.Build();
        Map(app, world, options);
        return app;
    }

    private static void Map(WebApplication app, GridWorld world, GridOptions options)
    {
        app.MapGet("/", () => Results.Text(string.Create(CultureInfo.InvariantCulture, $"{world.TraceName}: {world.Moment.Hz:0.0000} Hz\n")));
        app.MapGet("/sim/state", (GridRun run) => new GridState(
            world.TraceName, run.Seconds, world.Moment.Hz, world.Moment.VoltagePu, world.Battery.PowerW, world.Battery.Soc, world.Chargers.PowerW,
            world.SetpointFrames, world.RefusedFrames, run.ModbusPort, run.SetpointPort, run.C37Port));
        app.MapPost("/sim/event/{name}", (string name, GridRun run) =>
        {
            try
            {
                world.Begin(run.Seconds, Events.Named(name, options.NominalHz));
                return Results.Ok(new { world.TraceName });
            }
            catch (SimException wrong)
            {
                return Results.Problem(wrong.Message, statusCode: StatusCodes.Status404NotFound);
            }
        });
    }
}

/// <summary>The simulation as it stands. Powers in W, + = injection.</summary>
public sealed record GridState(
    string Trace, double Seconds, double Hz, double VoltagePu, double BatteryW, double BatterySoc, double ChargersW, long SetpointFrames, long RefusedFrames,
    int ModbusPort, int SetpointPort, int? C37Port);
