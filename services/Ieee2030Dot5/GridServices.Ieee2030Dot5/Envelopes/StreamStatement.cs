using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Envelopes;

/// <summary>What a program's stream states at a target: everything of an envelope but its number and name. Equal by content.</summary>
public sealed record StreamStatement
{
    public required Tier Tier { get; init; }
    public required Obligation Obligation { get; init; }
    public required ValueList<Segment> Segments { get; init; }

    /// <summary>Curves in here equal by their points, also when read back from storage.</summary>
    public required ValueList<TargetSegment> Targets
    {
        get;
        init => field = value.Any(t => t.Droop is not (null or ValueList<DroopPoint>))
            ? value.Select(t => t with { Droop = t.Droop?.ToValueList() }).ToValueList()
            : value;
    }

    public Failsafe? Failsafe { get; init; }
    public required Provenance Provenance { get; init; }

    /// <summary>True where the two say the same from <paramref name="now"/> on: time that has passed changes nothing.</summary>
    public static bool AreEquivalent(StreamStatement? one, StreamStatement? other, Instant now) =>
        ReferenceEquals(one, other) || (one is not null && other is not null && one.Ahead(now) == other.Ahead(now));

    /// <summary>The limits stated at an instant.</summary>
    public Limits At(Instant instant) => Segments.FirstOrDefault(s => s.From <= instant && !(s.Until <= instant))?.Limits ?? Limits.None;

    /// <summary>Without what is past.</summary>
    public StreamStatement Ahead(Instant now) => this with
    {
        Segments = ScheduleDifference.Ahead(Segments, now).ToValueList(),
        Targets = ScheduleDifference.Ahead(Targets, now).ToValueList(),
    };
}
