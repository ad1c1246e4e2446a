using Microsoft.AspNetCore.Http;
using OpenTelemetry.Metrics;

namespace GridServices.Hosting.Telemetry;

/// <summary>Collects on demand, one scrape at a time.</summary>
internal sealed class MetricsReader(PrometheusText exporter) : IDisposable
{
    private const int CollectMs = 5_000;
    private readonly SemaphoreSlim _one = new(1, 1);

    internal BaseExportingMetricReader Reader { get; } = new(exporter);

    internal async Task WriteAsync(HttpContext context)
    {
        await _one.WaitAsync(context.RequestAborted);
        ReadOnlyMemory<byte> text;
        try
        {
            // Only through the exporter: a pull reader ignores a Collect of its own.
            exporter.Collect?.Invoke(CollectMs);
            text = exporter.Last;
        }
        finally
        {
            _one.Release();
        }

        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        context.Response.ContentLength = text.Length;
        await context.Response.Body.WriteAsync(text, context.RequestAborted);
    }

    public void Dispose()
    {
        Reader.Dispose();
        _one.Dispose();
    }
}
