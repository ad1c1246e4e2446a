using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>What was fetched for the next message of a report about the past, because the VEN does not keep it; it goes with the message.</summary>
/// <param name="Grid">The intervals of the message; null: no channel of it is of a meter, and they follow from the points.</param>
/// <param name="Metered">Channels of meters.</param>
/// <param name="Sampled">Points of channels whose readings the hub told.</param>
public sealed record FetchedPast(PastGrid? Grid, ValueList<MeteredChannel> Metered, ValueList<SampledChannel> Sampled);

/// <summary>Intervals one after the other.</summary>
/// <param name="From">Start of the first.</param>
/// <param name="Until">End of the last, exclusive.</param>
/// <param name="Step">Length of each; the last may be shorter.</param>
public sealed record PastGrid(Instant From, Instant Until, Duration Step)
{
    public int Count => (int)Math.Ceiling((Until - From) / Step);
}

/// <param name="RId">The channel.</param>
/// <param name="Values">By start; an interval that is not here is not known.</param>
public sealed record MeteredChannel(string RId, ValueList<MeteredValue> Values);

/// <param name="At">Start of the interval.</param>
/// <param name="Value">Mean power in W, or Wh within the interval.</param>
/// <param name="Quality">How well it is known.</param>
public sealed record MeteredValue(Instant At, long Value, MeteredQuality Quality);

/// <summary>How well the value of an interval is known.</summary>
public enum MeteredQuality
{
    Measured,

    /// <summary>All of it or a part is an estimate, or the meter's own interval was longer and is shared out evenly.</summary>
    Estimated,

    /// <summary>A part of the interval is missing: the mean, or the sum, of what is known.</summary>
    Partial,
}

/// <param name="RId">The channel.</param>
/// <param name="Points">Oldest first.</param>
public sealed record SampledChannel(string RId, ValueList<ReportPoint> Points);
