using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace GridServices.Hosting;

/// <summary>Metrics at <c>/metrics</c> always; metrics, traces and logs by OTLP (http/protobuf) where <c>Otlp:Endpoint</c> is set.</summary>
internal static class Telemetry
{
    private static readonly string[] Meters =
    [
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime", "Npgsql", "GridServices.*",
    ];

    internal static void AddTelemetry(this IServiceCollection services, IConfiguration configuration, ServiceIdentity identity)
    {
        // Off by default in .NET 10: without it server spans carry no method, route or status.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        var collector = Collector(configuration["Otlp:Endpoint"]);
        services.AddMetrics();
        services.AddSingleton<PrometheusText>();
        services.AddSingleton<MetricsReader>();
        services.AddSingleton(provider => Measure(provider, identity, collector));
        services.AddHostedService<TelemetryLife>();
        if (collector is not null)
        {
            services.AddSingleton(_ => Trace(identity, collector));
            services.AddLogging(logging => logging.AddOpenTelemetry(log =>
            {
                log.SetResourceBuilder(Describe(identity));
                log.AddOtlpExporter(export => Send(export, collector, "logs"));
            }));
        }
    }

    internal static void MapMetrics(this IEndpointRouteBuilder routes) => routes
        .MapGet("/metrics", (HttpContext context, MetricsReader reader) => reader.WriteAsync(context))
        .ExcludeFromDescription()
        .OpenOnLoopback();

    private static MeterProvider Measure(IServiceProvider provider, ServiceIdentity identity, Uri? collector)
    {
        var metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Describe(identity)).AddMeter(Meters)
            .AddView(OfThisServiceOnly(provider.GetRequiredService<IMeterFactory>(), provider.GetRequiredService<PrometheusText>()))
            .AddReader(provider.GetRequiredService<MetricsReader>().Reader);
        if (collector is not null)
        {
            metrics.AddOtlpExporter(export => Send(export, collector, "metrics"));
        }

        return metrics.Build();
    }

    /// <summary>Providers hear every meter of the process by name; what another host in it measures is left out. Ours are in the text from the start.</summary>
    private static Func<Instrument, MetricStreamConfiguration?> OfThisServiceOnly(IMeterFactory own, PrometheusText text) => instrument =>
    {
        if (instrument.Meter.Scope is not null && !ReferenceEquals(instrument.Meter.Scope, own))
        {
            return MetricStreamConfiguration.Drop;
        }

        if (instrument.Meter.Name.StartsWith("GridServices.", StringComparison.Ordinal))
        {
            text.Declare(instrument);
        }

        return null;
    };

    private static TracerProvider Trace(ServiceIdentity identity, Uri collector) => Sdk.CreateTracerProviderBuilder()
        .SetResourceBuilder(Describe(identity))
        .AddSource("Microsoft.AspNetCore", "System.Net.Http", "Npgsql", "GridServices.*")
        .AddOtlpExporter(export => Send(export, collector, "traces"))
        .Build();

    private static ResourceBuilder Describe(ServiceIdentity identity) =>
        ResourceBuilder.CreateEmpty().AddService("gridservices-" + identity.Name, serviceVersion: typeof(Telemetry).Assembly.GetName().Version?.ToString(3));

    private static void Send(OtlpExporterOptions export, Uri collector, string signal)
    {
        export.Protocol = OtlpExportProtocol.HttpProtobuf;
        export.Endpoint = new Uri(collector.AbsoluteUri.TrimEnd('/') + "/v1/" + signal);
    }

    private static Uri? Collector(string? endpoint)
    {
        if (string.IsNullOrWhiteSpace(endpoint))
        {
            return null;
        }

        return Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new StartException($"Otlp:Endpoint '{endpoint}' is not an http(s) address, e.g. http://127.0.0.1:4318.");
    }
}

/// <summary>Starts the providers with the service and lets them send what they hold when it ends.</summary>
internal sealed class TelemetryLife(MeterProvider metrics, IServiceProvider services) : IHostedService, IDisposable
{
    private const int FlushMs = 1_000;
    private readonly ZeroCounters _zero = new();
    private TracerProvider? _traces;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _zero.Start();
        _traces = services.GetService<TracerProvider>();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        if (_traces is not null)
        {
            _traces.ForceFlush(FlushMs);
            metrics.ForceFlush(FlushMs);
        }

        return Task.CompletedTask;
    }

    public void Dispose() => _zero.Dispose();
}
