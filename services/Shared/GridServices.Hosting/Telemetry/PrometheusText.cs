using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace GridServices.Hosting.Telemetry;

/// <summary>Prometheus text format 0.0.4: names with underscores, counters end in <c>_total</c>, histogram buckets cumulative.</summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusText : BaseExporter<Metric>, IPullMetricExporter
{
    private readonly ConcurrentQueue<Instrument> _declared = new();

    /// <summary>The text of the latest collection.</summary>
    internal ReadOnlyMemory<byte> Last { get; private set; }

    public Func<int, bool>? Collect { get; set; }

    /// <summary>From now on its family is in the text also while nothing has been measured: an empty histogram, or a gauge without a sample.</summary>
    internal void Declare(Instrument instrument) => _declared.Enqueue(instrument);

    public override ExportResult Export(in Batch<Metric> batch)
    {
        var text = new StringBuilder();
        var families = new HashSet<string>(StringComparer.Ordinal);
        foreach (var metric in batch)
        {
            // Two instruments may share a name under different meters: HELP and TYPE come once per family.
            var name = FamilyName(metric.Name, metric.Unit, metric.MetricType);
            if (families.Add(name))
            {
                Head(text, name, metric.Description ?? metric.Name, metric.MetricType);
            }

            foreach (ref readonly var point in metric.GetMetricPoints())
            {
                Write(text, metric.MetricType, name, in point);
            }
        }

        WriteUnused(text, families);
        Last = Encoding.UTF8.GetBytes(text.ToString());
        return ExportResult.Success;
    }

    private void WriteUnused(StringBuilder text, HashSet<string> families)
    {
        foreach (var instrument in _declared)
        {
            var type = GetMetricType(instrument);
            var name = FamilyName(instrument.Name, instrument.Unit, type);
            if (!families.Add(name))
            {
                continue;
            }

            Head(text, name, instrument.Description ?? instrument.Name, type);
            if (type == MetricType.Histogram)
            {
                Line(text, name + "_bucket", "le=\"+Inf\"", "0");
                Line(text, name + "_sum", string.Empty, "0");
                Line(text, name + "_count", string.Empty, "0");
            }
        }
    }

    private static void Head(StringBuilder text, string name, string help, MetricType type)
    {
        text.Append("# HELP ").Append(name).Append(' ').Append(EscapeHelp(help)).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(TypeName(type)).Append('\n');
    }

    private static MetricType GetMetricType(Instrument instrument) => instrument switch
    {
        Histogram<double> or Histogram<long> or Histogram<int> => MetricType.Histogram,
        Counter<long> or Counter<int> or Counter<double> or ObservableCounter<long> or ObservableCounter<double> => MetricType.LongSum,
        _ => MetricType.LongGauge,
    };

    private static void Write(StringBuilder text, MetricType type, string name, in MetricPoint point)
    {
        var labels = Labels(point.Tags);
        switch (type)
        {
            case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                Line(text, name, labels, point.GetSumLong().ToString(CultureInfo.InvariantCulture));
                break;
            case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                Line(text, name, labels, Number(point.GetSumDouble()));
                break;
            case MetricType.LongGauge:
                Line(text, name, labels, point.GetGaugeLastValueLong().ToString(CultureInfo.InvariantCulture));
                break;
            case MetricType.DoubleGauge:
                Line(text, name, labels, Number(point.GetGaugeLastValueDouble()));
                break;
            case MetricType.Histogram:
                WriteHistogram(text, name, labels, in point);
                break;
            default:
                break;
        }
    }

    private static void WriteHistogram(StringBuilder text, string name, string labels, in MetricPoint point)
    {
        var seen = 0L;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            seen += bucket.BucketCount;
            var bound = $"le=\"{Number(bucket.ExplicitBound)}\"";
            Line(text, name + "_bucket", labels.Length == 0 ? bound : $"{labels},{bound}", seen.ToString(CultureInfo.InvariantCulture));
        }

        Line(text, name + "_sum", labels, Number(point.GetHistogramSum()));
        Line(text, name + "_count", labels, point.GetHistogramCount().ToString(CultureInfo.InvariantCulture));
    }

    private static void Line(StringBuilder text, string name, string labels, string value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(value).Append('\n');
    }

    private static string Labels(ReadOnlyTagCollection tags)
    {
        var text = new StringBuilder();
        foreach (var tag in tags)
        {
            text.Append(text.Length == 0 ? string.Empty : ",").Append(LabelName(tag.Key)).Append("=\"").Append(EscapeLabel(ValueText(tag.Value))).Append('"');
        }

        return text.ToString();
    }

    private static string ValueText(object? value) => value switch
    {
        bool flag => flag ? "true" : "false",
        null => string.Empty,
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty,
    };

    /// <summary><c>outbox.oldest</c> in <c>s</c> becomes <c>outbox_oldest_seconds</c>.</summary>
    private static string FamilyName(string instrument, string? unitName, MetricType type)
    {
        var name = Legal(instrument, colon: true);
        var unit = unitName switch { "s" => "_seconds", "ms" => "_milliseconds", "By" => "_bytes", "W" => "_watts", _ => string.Empty };
        name = name.EndsWith(unit, StringComparison.Ordinal) ? name : name + unit;
        return type is MetricType.LongSum or MetricType.DoubleSum && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    private static string TypeName(MetricType type) => type switch
    {
        MetricType.LongSum or MetricType.DoubleSum => "counter",
        MetricType.Histogram => "histogram",
        _ => "gauge",
    };

    private static string LabelName(string name) => Legal(name, colon: false);

    private static string Legal(string name, bool colon)
    {
        var legal = string.Create(name.Length, (name, colon), static (span, from) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                var c = from.name[i];
                span[i] = char.IsAsciiLetterOrDigit(c) || c == '_' || (from.colon && c == ':') ? c : '_';
            }
        });
        return legal.Length > 0 && char.IsAsciiDigit(legal[0]) ? "_" + legal : legal;
    }

    private static string Number(double value) => double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : double.IsNaN(value) ? "NaN"
        : value.ToString("R", CultureInfo.InvariantCulture);

    private static string EscapeHelp(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string EscapeLabel(string text) => EscapeHelp(text).Replace("\"", "\\\"", StringComparison.Ordinal);
}
