using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using GridServices.Hosting.Telemetry;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace GridServices.Hosting.Tests.Telemetry;

public sealed partial class MetricsTests
{
    [Fact]
    public void Counters_gauges_and_histograms_are_written_as_prometheus_reads_them()
    {
        var text = Collect(meter =>
        {
            meter.CreateCounter<long>("polls.done", description: "Polls\nof a \\ VEN").Add(3, new("ven", "a\"b\\c\nd"), new("ok.flag", true));
            meter.CreateUpDownCounter<int>("open").Add(-2);
            meter.CreateGauge<double>("frequency", "Hz").Record(49.985);
            var histogram = meter.CreateHistogram<double>("latency", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
            histogram.Record(0.05);
            histogram.Record(0.5);
            histogram.Record(0.7);
            histogram.Record(5);
        });
        Assert.Contains("# HELP polls_done_total Polls\\nof a \\\\ VEN\n# TYPE polls_done_total counter\npolls_done_total{ok_flag=\"true\",ven=\"a\\\"b\\\\c\\nd\"} 3\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE open gauge\nopen -2\n", text, StringComparison.Ordinal);
        Assert.Contains("frequency 49.985\n", text, StringComparison.Ordinal);
        Assert.Contains(
            "# TYPE latency_seconds histogram\nlatency_seconds_bucket{le=\"0.1\"} 1\nlatency_seconds_bucket{le=\"1\"} 3\nlatency_seconds_bucket{le=\"+Inf\"} 4\nlatency_seconds_sum 6.25\nlatency_seconds_count 4\n",
            text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_nothing_was_measured_of_yet_is_there_as_an_empty_histogram_or_a_gauge_without_a_sample()
    {
        using var meter = new Meter("Test." + Guid.NewGuid().ToString("N"));
        using var exporter = new PrometheusText();
        using var reader = new BaseExportingMetricReader(exporter);
        using var provider = Sdk.CreateMeterProviderBuilder().AddMeter(meter.Name).AddView(instrument =>
        {
            exporter.Declare(instrument);
            return null;
        }).AddReader(reader).Build();
        var latency = meter.CreateHistogram<double>("exchange.duration", "s", "Time");
        meter.CreateObservableGauge("certificate.days", () => Array.Empty<Measurement<double>>(), description: "Days");
        Assert.True(exporter.Collect!(60_000));
        var text = Encoding.UTF8.GetString(exporter.Last.Span);
        Assert.Contains("# TYPE exchange_duration_seconds histogram\nexchange_duration_seconds_bucket{le=\"+Inf\"} 0\nexchange_duration_seconds_sum 0\nexchange_duration_seconds_count 0\n", text, StringComparison.Ordinal);
        Assert.Contains("# HELP certificate_days Days\n# TYPE certificate_days gauge\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\ncertificate_days ", text, StringComparison.Ordinal);

        latency.Record(2);
        Assert.True(exporter.Collect!(60_000));
        text = Encoding.UTF8.GetString(exporter.Last.Span);
        Assert.Contains("exchange_duration_seconds_count 1\n", text, StringComparison.Ordinal);
        Assert.Equal(2, text.Split("# TYPE exchange_duration_seconds").Length);
    }

    [Fact]
    public async Task A_service_shows_requests_runtime_and_its_own_meters_in_lines_that_all_parse()
    {
        await using var service = await ServiceApp.StartAsync(SampleApp.Build);
        using var client = service.Client(service.Tokens.Operator);
        await client.GetStringAsync("/v1/whoami");
        await client.GetStringAsync("/metrics");
        var text = await client.GetStringAsync("/metrics");
        Assert.Contains("http_server_request_duration_seconds_bucket{", text, StringComparison.Ordinal);
        Assert.Contains("http_route=\"/v1/whoami\"", text, StringComparison.Ordinal);
        Assert.Contains("\ndotnet_gc_collections_total", text, StringComparison.Ordinal);
        Assert.Contains("\noutbox_pending 0\n", text, StringComparison.Ordinal);
        var families = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                Assert.True(families.Add(line.Split(' ')[2]), $"family declared twice: {line}");
            }
            else if (!line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                var match = Sample().Match(line);
                Assert.True(match.Success, line);
                Assert.True(double.TryParse(match.Groups["value"].Value.Replace("+Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture, out _), line);
            }
        }
    }

    private static string Collect(Action<Meter> record)
    {
        using var meter = new Meter("Test." + Guid.NewGuid().ToString("N"));
        using var exporter = new PrometheusText();
        using var reader = new BaseExportingMetricReader(exporter);
        using var provider = Sdk.CreateMeterProviderBuilder().AddMeter(meter.Name).AddReader(reader).Build();
        record(meter);
        Assert.True(exporter.Collect!(60_000));
        return Encoding.UTF8.GetString(exporter.Last.Span);
    }

    [GeneratedRegex("^[a-zA-Z_:][a-zA-Z0-9_:]*(\\{([a-zA-Z_][a-zA-Z0-9_]*=\"(\\\\[\\\\n\"]|[^\"\\\\\\n])*\",?)*\\})? (?<value>\\S+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sample();
}
