using System.Diagnostics.Metrics;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace GridServices.Hosting.Telemetry;

/// <summary>Metrics at <c>/metrics</c> always; metrics, traces and logs by OTLP (http/protobuf) where <c>Otlp:Endpoint</c> is set.</summary>
internal static class TelemetryExtensions
{
    private static readonly string[] Meters =
    [
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime", "Npgsql", "GridServices.*",
    ];

    internal static void AddTelemetry(this IServiceCollection services, IConfiguration configuration, ServiceIdentity identity)
    {
        // Off by default in .NET 10: without it server spans carry no method, route or status.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        services.AddSettings<OtlpOptions>();
        var collector = configuration.ReadSettings<OtlpOptions>().Collector;
        services.AddMetrics();
        services.AddSingleton<PrometheusText>();
        services.AddSingleton<MetricsReader>();
        services.AddHostedService<CounterInitializer>();
        var telemetry = services.AddOpenTelemetry().ConfigureResource(about => Describe(about, identity)).WithMetrics(metrics => Measure(metrics, collector));
        if (collector is not null)
        {
            telemetry.WithTracing(traces => traces
                .AddSource("Microsoft.AspNetCore", "System.Net.Http", "Npgsql", "GridServices.*")
                .AddOtlpExporter(export => Send(export, collector, "traces")));
            services.AddLogging(logging => logging.AddOpenTelemetry(log =>
            {
                log.SetResourceBuilder(Describe(ResourceBuilder.CreateEmpty(), identity));
                log.AddOtlpExporter(export => Send(export, collector, "logs"));
            }));
        }
    }

    internal static void MapMetrics(this IEndpointRouteBuilder routes) => routes
        .MapGet("/metrics", (HttpContext context, MetricsReader reader) => reader.WriteAsync(context))
        .ExcludeFromDescription()
        .OpenOnLoopback();

    private static void Measure(MeterProviderBuilder metrics, Uri? collector)
    {
        metrics.AddMeter(Meters).AddReader(provider => provider.GetRequiredService<MetricsReader>().Reader);
        ((IDeferredMeterProviderBuilder)metrics).Configure((provider, built) => built.AddView(
            CreateMeterFilter(provider.GetRequiredService<IMeterFactory>(), provider.GetRequiredService<PrometheusText>())));
        if (collector is not null)
        {
            metrics.AddOtlpExporter(export => Send(export, collector, "metrics"));
        }
    }

    /// <summary>Providers hear every meter of the process by name; what another host in it measures is left out. Ours are in the text from the start.</summary>
    private static Func<Instrument, MetricStreamConfiguration?> CreateMeterFilter(IMeterFactory own, PrometheusText text) => instrument =>
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

    private static ResourceBuilder Describe(ResourceBuilder about, ServiceIdentity identity) =>
        about.Clear().AddService("gridservices-" + identity.Name, serviceVersion: typeof(TelemetryExtensions).Assembly.GetName().Version?.ToString(3));

    private static void Send(OtlpExporterOptions export, Uri collector, string signal)
    {
        export.Protocol = OtlpExportProtocol.HttpProtobuf;
        export.Endpoint = new Uri(collector.AbsoluteUri.TrimEnd('/') + "/v1/" + signal);
    }
}
