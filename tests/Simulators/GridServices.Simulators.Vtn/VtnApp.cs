using System.Text.Json.Nodes;
using GridServices.Simulators.Vtn.Control;
using GridServices.Simulators.Vtn.Messages;
using NodaTime;

namespace GridServices.Simulators.Vtn;

/// <summary>Puts the simulator together. Tests start it in process: <c>VtnApp.Build(["--http", "127.0.0.1:0"])</c>.</summary>
public static class VtnApp
{
    private const int MaxBody = 8 * 1024 * 1024;

    /// <exception cref="SimException">An option is wrong.</exception>
    public static WebApplication Build(IReadOnlyList<string> args)
    {
        var options = VtnOptions.Parse(args);
        var clock = SystemClock.Instance;
        var log = new SimLog(clock, options.Quiet);
        var vtn = new VtnServer(options, clock, log, new Journal(), new Habits(options.Habits));
        var faults = new Faults();
        var (script, folder) = ReadScript(options.Script);
        var commands = new Commands(vtn, faults, folder);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddConsole().SetMinimumLevel(LogLevel.Error);
        Listen(builder, options, log);
        builder.Services.AddSingleton(vtn);
        var judge = options.XsdFolder is { } xsd ? new SchemaValidator(xsd) : null;
        var signing = options.Signs ? new Signing(options.CertFile!, options.KeyFile) : null;
        if (options.Https is not null)
        {
            builder.Services.AddHostedService(_ => new Pusher(vtn, signing, judge, clock));
        }

        if (script is not null)
        {
            builder.Services.AddHostedService(_ => new Script(vtn, commands, script, TimeProvider.System));
        }

        var app = builder.Build();
        var endpoint = new OpenAdrEndpoint(vtn, faults, judge, signing, clock);
        app.Use((http, next) => OpenAdrEndpoint.FindService(http.Request.Path) is { } service ? endpoint.Handle(http, service) : next(http));
        ControlApi.Map(app, vtn, commands);
        app.Lifetime.ApplicationStarted.Register(() => log.Add("started", null, $"{options.VtnId} listens on {string.Join(" and ", app.Urls)}; control API at /sim/"));
        return app;
    }

    private static void Listen(WebApplicationBuilder builder, VtnOptions options, SimLog log)
    {
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBody;
            kestrel.Listen(options.Http);
            if (options.Https is { } https)
            {
                kestrel.Listen(https, listen => listen.UseHttps(VtnTls.Configure(options, log)));
            }
        });
    }

    private static (JsonObject? Script, string Folder) ReadScript(string? file)
    {
        var path = file is "demo" ? Path.Combine(AppContext.BaseDirectory, "demo.json") : file;
        if (path is null)
        {
            return (null, Directory.GetCurrentDirectory());
        }

        try
        {
            var script = JsonNode.Parse(File.ReadAllText(path)) as JsonObject;
            return script?["steps"] is JsonArray ? (script, Path.GetDirectoryName(Path.GetFullPath(path))!) : throw new SimException($"--script {path} holds no \"steps\".");
        }
        catch (System.Text.Json.JsonException wrong)
        {
            throw new SimException($"--script {path}: {wrong.Message}", wrong);
        }
    }
}
