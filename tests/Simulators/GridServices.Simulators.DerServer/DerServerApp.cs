using GridServices.Simulators.DerServer.Control;
using GridServices.Simulators.DerServer.Procedures;
using NodaTime;

namespace GridServices.Simulators.DerServer;

/// <summary>
/// Puts the simulator together. Tests start it in process: <c>DerServerApp.Build(["--http", "127.0.0.1:0"])</c>, and drive
/// <c>app.Services.GetRequiredService&lt;SimulatedUtility&gt;()</c>.
/// </summary>
public static class DerServerApp
{
    /// <exception cref="SimException">An option is wrong.</exception>
    public static WebApplication Build(IReadOnlyList<string> args) => Build(DerServerOptions.Parse(args), SystemClock.Instance);

    public static WebApplication Build(DerServerOptions options, IClock clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        var log = new SimLog(clock, options.Quiet);
        var utility = new SimulatedUtility(options, clock, log);
        RegisterDevices(utility);
        var tls = options.Https is null ? null : new DerServerTls(options, log);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddConsole().SetMinimumLevel(LogLevel.Error);
        Listen(builder, options, tls);
        builder.Services.AddSingleton(utility);
        builder.Services.AddHostedService(_ => new Notifier(utility, tls, TimeProvider.System));
        if (options.Script is not null)
        {
            builder.Services.AddHostedService(_ => new DemoScript(utility, TimeProvider.System));
        }

        if (options.Procedure is { } file)
        {
            var procedure = ReadProcedure(file);
            builder.Services.AddHostedService(s => new ProcedureHost(procedure, utility, s.GetRequiredService<IHostApplicationLifetime>(), TimeProvider.System));
        }

        var app = builder.Build();
        ControlApi.Map(app, utility);
        var endpoint = new SepEndpoint(utility, TimeProvider.System);
        app.MapFallback("/{**path}", endpoint.Handle);
        app.Lifetime.ApplicationStarted.Register(() => log.Write($"The simulated utility speaks {FormatDialect(options.Dialect)} at {string.Join(" and ", app.Urls)}; control API at /sim/"));
        return app;
    }

    private static Procedure ReadProcedure(string file) => (File.Exists(file), Path.GetExtension(file)) switch
    {
        (true, ".json") => ProcedureScript.Read(File.ReadAllText(file)),
        (true, _) => Procedure.Read(File.ReadAllText(file), Path.GetFileNameWithoutExtension(file)),
        _ => SunSpecProcedures.Named(file),
    };

    private static void RegisterDevices(SimulatedUtility utility)
    {
        if (utility.Options.Aggregator is { } aggregator)
        {
            utility.Register(aggregator, number: 0);
        }

        foreach (var lfdi in utility.Options.Devices)
        {
            utility.Register(lfdi, utility.Options.Pin, utility.Options.Aggregator);
        }
    }

    private static void Listen(WebApplicationBuilder builder, DerServerOptions options, DerServerTls? tls)
    {
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 2 * 1024 * 1024;
            kestrel.Listen(options.Http);
            if (options.Https is { } https)
            {
                kestrel.Listen(https, listen => listen.UseHttps(tls!.Configure));
            }
        });
    }

    private static string FormatDialect(SimDialect dialect) => dialect switch
    {
        SimDialect.CsipAus12 => "CSIP-AUS 1.2",
        SimDialect.CsipAus13 => "CSIP-AUS 1.3",
        _ => "IEEE 2030.5-2018",
    };
}
