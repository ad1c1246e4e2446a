using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>Makes the hub's readings of a period the points that the buffer would have kept: the first of each slot, and of those the last of each interval told.</summary>
/// <param name="channel">Which values.</param>
/// <param name="from">Where the intervals begin.</param>
/// <param name="step">How long they are.</param>
public sealed class SampledPoints(ReportConfig channel, Instant from, Duration step)
{
    private readonly List<ReportPoint> _points = [];

    /// <summary>Oldest first; others than those of the whole site are left out.</summary>
    public void Add(Reading reading)
    {
        ArgumentNullException.ThrowIfNull(reading);
        if (reading.AssetId is not null || ReportBuffer.FindValue(channel.Source, reading) is not { } value)
        {
            return;
        }

        var point = new ReportPoint(ReportBuffer.ComputeSlot(reading.At, channel.SamplingInterval), value, null);
        if (_points.Count > 0 && point.At <= _points[^1].At)
        {
            return;
        }

        if (_points.Count > 0 && step > channel.SamplingInterval && ComputeInterval(_points[^1]) == ComputeInterval(point))
        {
            _points.RemoveAt(_points.Count - 1);
        }

        _points.Add(point);
    }

    public SampledChannel ToChannel() => new(channel.RId, _points.ToValueList());

    private long ComputeInterval(ReportPoint point) => (long)Math.Floor((point.At - from) / step);
}
