using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>Keeps one point per sampling interval and channel, so that an outage of the line loses none (OpenADR 2.0b rule 510).</summary>
internal static class ReportBuffer
{
    private static readonly Duration ClockTolerance = Duration.FromMinutes(1);

    public static void Process(StepContext context, IReadOnlyList<SiteReading> readings)
    {
        var channels = ChannelIndex.For(context.Config);
        foreach (var reading in readings)
        {
            foreach (var channel in channels.At(reading.SiteId))
            {
                if (FindPoint(context, channel, reading.Reading) is { } point)
                {
                    Insert(context, channel.RId, point);
                }
            }
        }
    }

    /// <summary>
    /// The last point whose sampling slot overlaps [from, until), or null. A point stands at the begin of its slot: reports don't begin with slots.
    /// </summary>
    public static ReportPoint? LastOver(VenState state, ReportConfig channel, Instant from, Instant until) =>
        Last(state, channel.RId, from - channel.SamplingInterval + Duration.Epsilon, until);

    /// <summary>The last point in [from, until), or null.</summary>
    public static ReportPoint? Last(VenState state, string rId, Instant from, Instant until)
    {
        if (!state.Points.TryGetValue(rId, out var points))
        {
            return null;
        }

        for (var i = points.Count - 1; i >= 0 && points[i].At >= from; i--)
        {
            if (points[i].At < until)
            {
                return points[i];
            }
        }

        return null;
    }

    /// <summary>The first point in [from, until), or null.</summary>
    public static ReportPoint? First(VenState state, string rId, Instant from, Instant until) =>
        (state.Points.GetValueOrDefault(rId) ?? []).FirstOrDefault(p => p.At >= from && p.At < until);

    /// <summary>The points in [from, until), oldest first.</summary>
    public static List<ReportPoint> Within(VenState state, string rId, Instant from, Instant until) =>
        [.. (state.Points.GetValueOrDefault(rId) ?? []).Where(p => p.At >= from && p.At < until)];

    private static ReportPoint? FindPoint(StepContext context, ReportConfig channel, Reading reading)
    {
        // Assets behind the site have no channel in this cut; a reading from the future would hide all that follow.
        if (reading.AssetId is not null || reading.At > context.Now + ClockTolerance)
        {
            return null;
        }

        var at = ComputeSlot(reading.At, channel.SamplingInterval);
        return channel.Kind == ReportKind.TelemetryStatus
            ? CreateStatus(context, channel, reading, at)
            : FindValue(channel.Source, reading) is { } value ? new ReportPoint(at, value, null) : null;
    }

    // An override that begins or ends within a slot is a point of its own, at its second: by the next slot it may be over.
    private static ReportPoint CreateStatus(StepContext context, ReportConfig channel, Reading reading, Instant slot)
    {
        var isHeld = reading.ManualOverride ?? false;
        var before = Last(context.State, channel.RId, slot, reading.At + Duration.Epsilon);
        return new ReportPoint(before is not null && before.ManualOverride != isHeld ? Instant.FromUnixTimeSeconds(reading.At.ToUnixTimeSeconds()) : slot, null, isHeld);
    }

    internal static long? FindValue(string? source, Reading reading) => source switch
    {
        null or ReportSources.NetPowerW => reading.NetPowerW,
        ReportSources.EnergyImportWh => reading.EnergyImportWh,
        ReportSources.EnergyExportWh => reading.EnergyExportWh,
        _ => null,
    };

    internal static Instant ComputeSlot(Instant at, Duration length)
    {
        var seconds = Math.Max(1, (long)length.TotalSeconds);
        var since = at.ToUnixTimeSeconds();
        return Instant.FromUnixTimeSeconds(since - (((since % seconds) + seconds) % seconds));
    }

    // The first reading of a slot stays: the state, and with it the store, changes once per slot and not with every reading.
    private static void Insert(StepContext context, string rId, ReportPoint point)
    {
        var points = context.State.Points.GetValueOrDefault(rId) ?? [];
        var index = points.Count;
        while (index > 0 && points[index - 1].At > point.At)
        {
            index--;
        }

        var most = Channels.BufferPoints(context.Config);
        if ((index > 0 && points[index - 1].At == point.At) || (index == 0 && points.Count >= most))
        {
            return;
        }

        var kept = points.Take(index).Append(point).Concat(points.Skip(index)).Skip(Math.Max(0, points.Count + 1 - most)).ToValueList();
        context.State = context.State with { Points = context.State.Points.SetItem(rId, kept) };
    }
}
