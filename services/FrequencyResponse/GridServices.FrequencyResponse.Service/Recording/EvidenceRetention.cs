using System.Globalization;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>How much evidence there is of a pool, how fast it grows, and for how long it is kept.</summary>
public sealed record EvidenceRetention
{
    private static readonly Duration LeastSpan = Duration.FromMinutes(10);

    /// <summary>Days that are asked for (setting Evidence:KeepDays); absent = as long as the size lasts.</summary>
    public int? KeepDays { get; init; }

    /// <summary>Most that is kept, bytes (setting Evidence:MaxMiB): beyond it the oldest segments go, whatever their age.</summary>
    public required long MaxBytes { get; init; }

    public required int Segments { get; init; }

    public required long Bytes { get; init; }

    /// <summary>Begin of the oldest segment; absent where there is none.</summary>
    public Instant? From { get; init; }

    /// <summary>When the newest was written last.</summary>
    public Instant? Until { get; init; }

    /// <summary>As it grew from the oldest segment until now; absent while that is less than ten minutes.</summary>
    public double? BytesPerDay { get; init; }

    /// <summary>Size of the days that are asked for, at that rate.</summary>
    public double? NeedsBytes { get; init; }

    /// <summary>Days that the size lasts, at that rate.</summary>
    public double? LastsDays { get; init; }

    /// <summary>Why the days that are asked for will not be kept; absent where they will, or where it is not known yet.</summary>
    public string? Problem { get; init; }

    /// <param name="options">The settings.</param>
    /// <param name="segments">The oldest first.</param>
    internal static EvidenceRetention Create(EvidenceOptions options, IReadOnlyList<EvidenceSegment> segments)
    {
        var bytes = segments.Sum(s => s.Bytes);
        var span = segments.Count == 0 ? Duration.Zero : segments[^1].Until - segments[0].From;
        double? perDay = span >= LeastSpan ? bytes / span.TotalDays : null;
        var needs = perDay * options.KeepDays;
        return new EvidenceRetention
        {
            KeepDays = options.KeepDays,
            MaxBytes = options.MaxBytes,
            Segments = segments.Count,
            Bytes = bytes,
            From = segments.Count == 0 ? null : segments[0].From,
            Until = segments.Count == 0 ? null : segments[^1].Until,
            BytesPerDay = perDay,
            NeedsBytes = needs,
            LastsDays = perDay > 0 ? options.MaxBytes / perDay : null,
            Problem = needs > options.MaxBytes
                ? string.Create(CultureInfo.InvariantCulture,
                $"{options.KeepDays} days take {needs / 1_048_576:0} MiB at this rate, Evidence:MaxMiB keeps {options.MaxBytes / 1_048_576}: it lasts {options.MaxBytes / perDay:0.#} days")
                : null,
        };
    }
}
