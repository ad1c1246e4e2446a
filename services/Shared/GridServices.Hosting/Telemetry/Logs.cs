using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace GridServices.Hosting.Telemetry;

/// <summary>Whether the service has come up.</summary>
internal sealed class StartPhase
{
    private volatile bool _started;

    internal bool Started
    {
        get => _started;
        set => _started = value;
    }
}

internal static class Logs
{
    // A line or four for each request and each turn of a job say nothing that people look for.
    private static readonly string[] Chatty = ["Microsoft.AspNetCore", "System.Net.Http.HttpClient", "Hangfire"];

    /// <summary>One line per entry on standard output, UTC; JSON with <c>Logging:Console:FormatterName=json</c>; levels under <c>Logging</c>.</summary>
    internal static void AddLogs(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddConsole();
        // A failed start is told in one line by GridService.RunAsync; the frameworks' stack traces of it help nobody.
        var phase = new StartPhase();
        builder.Services.AddSingleton(phase);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => phase.Started && level >= LogLevel.Information);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", level => phase.Started && level >= LogLevel.Warning);
        // Who asks for readiness is answered with the reason; a line for each probe would bury the rest.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", level => phase.Started && level >= LogLevel.Warning);
        builder.Services.Configure<SimpleConsoleFormatterOptions>(line =>
        {
            line.SingleLine = true;
            line.UseUtcTimestamp = true;
            line.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        });
        foreach (var chatty in Chatty.Where(name => builder.Configuration[$"Logging:LogLevel:{name}"] is null))
        {
            builder.Logging.AddFilter(chatty, LogLevel.Warning);
        }
    }
}
