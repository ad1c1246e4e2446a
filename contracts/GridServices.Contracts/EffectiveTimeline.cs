using System.Text.Json.Serialization;
using NodaTime;

namespace GridServices.Contracts;

/// <summary>
/// What holds for a site over [<see cref="From"/>, <see cref="Until"/>): all mandatory envelopes merged, with who binds (architecture law 8).
/// The answer of <c>GET /v1/sites/{siteId}/effective</c>.
/// </summary>
public sealed record EffectiveTimeline
{
    public required string SiteId { get; init; }

    /// <summary>Epoch and sequence of the site's head that the merge was made of; the hub fills them in.</summary>
    public string? Epoch { get; init; }

    /// <summary>A decimal string.</summary>
    public string? Sequence { get; init; }

    /// <summary>When the hub made this answer.</summary>
    public Instant? AsOf { get; init; }

    public required Instant From { get; init; }

    /// <summary>Null: the timeline has no end.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public Instant? Until { get; init; }

    /// <summary>One timeline per metering boundary that any live envelope names, ordered by kind, then id.</summary>
    public required IReadOnlyList<TargetTimeline> Targets { get; init; }

    /// <summary>
    /// True: the hub's store is of a new history and not every publisher has restated in it, so that limits may be missing here;
    /// keep to what was in force before. Absent: nothing is known to be missing.
    /// </summary>
    public bool? Incomplete { get; init; }

    /// <summary>The publishers that have not yet restated; absent unless <see cref="Incomplete"/>, empty where none is known yet.</summary>
    public IReadOnlyList<string>? WaitingFor { get; init; }

    /// <summary>The limits at a boundary at an instant; null outside the window or where no envelope names the boundary.</summary>
    public EffectiveSegment? Find(EnvelopeTarget target, Instant at) =>
        Targets.FirstOrDefault(t => t.Target == target)?.Segments.FirstOrDefault(s => s.From <= at && !(s.Until <= at));
}

/// <summary>The merged schedule of one metering boundary.</summary>
public sealed record TargetTimeline
{
    public required EnvelopeTarget Target { get; init; }

    /// <summary>
    /// The limits, without a gap over the whole window; neighbours always differ. Where nothing is stated <c>limits</c> is empty.
    /// </summary>
    public required IReadOnlyList<EffectiveSegment> Segments { get; init; }

    /// <summary>The set-points chosen and clamped, in order, with gaps where nobody asks for anything.</summary>
    public IReadOnlyList<EffectiveSetpoint> Setpoints { get; init; } = [];

    /// <summary>Autonomous functions, by kind, then in order; null: nobody sets one.</summary>
    public IReadOnlyList<EffectiveFunction>? Functions { get; init; }

    /// <summary>Ramps, in order; null: nobody states one.</summary>
    public IReadOnlyList<EffectiveRamp>? Ramps { get; init; }

    /// <summary>Advisory envelopes, beside the merge and no part of it.</summary>
    public IReadOnlyList<AdvisoryTimeline> Advisory { get; init; } = [];
}

/// <summary>Merged limits over [<see cref="From"/>, <see cref="Until"/>); null = no end.</summary>
public sealed record EffectiveSegment
{
    public required Instant From { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public Instant? Until { get; init; }

    public required EffectiveLimits Limits { get; init; }
}

/// <summary>Each limit with what binds it; a quantity without a statement is absent.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record EffectiveLimits
{
    public static EffectiveLimits None { get; } = new();

    public Bound<long>? ImportLimitW { get; init; }
    public Bound<long>? ExportLimitW { get; init; }
    public Bound<long>? ChargeLimitW { get; init; }
    public Bound<long>? DischargeLimitW { get; init; }
    public Bound<long>? GenerationLimitW { get; init; }
    public Bound<long>? LoadLimitW { get; init; }
    public EffectivePhases? PerPhase { get; init; }
    public Bound<bool>? Connect { get; init; }
    public Bound<bool>? Energize { get; init; }
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record EffectivePhases
{
    [JsonPropertyName("L1")]
    public EffectivePhase? L1 { get; init; }

    [JsonPropertyName("L2")]
    public EffectivePhase? L2 { get; init; }

    [JsonPropertyName("L3")]
    public EffectivePhase? L3 { get; init; }
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record EffectivePhase
{
    public Bound<decimal>? ImportLimitA { get; init; }
    public Bound<decimal>? ExportLimitA { get; init; }
}

/// <summary>
/// A merged value: the smallest that any stream states (false before true). Among equal values the strongest tier binds,
/// then the service, then the key that comes first in ordinal order.
/// </summary>
/// <param name="Value">The value that holds.</param>
/// <param name="BoundBy">The stream that states it.</param>
/// <param name="Next">What would hold without <paramref name="BoundBy"/>; null when nobody else states the quantity.</param>
public sealed record Bound<T>(T Value, Binding BoundBy, RunnerUp<T>? Next = null)
    where T : struct;

/// <summary>A stream, and the revision of it that binds.</summary>
public sealed record Binding(string Service, string Key, Guid EnvelopeId, Tier Tier);

/// <summary>The next in line for a quantity.</summary>
public sealed record RunnerUp<T>(string Service, string Key, T Value)
    where T : struct;

/// <summary>
/// A set-point over [<see cref="From"/>, <see cref="Until"/>): of all mandatory envelopes that ask for one, that of the strongest tier
/// (then service, then key, in ordinal order), clamped into the merged limits of its own boundary (architecture laws 4, 5).
/// </summary>
public sealed record EffectiveSetpoint
{
    public required Instant From { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public Instant? Until { get; init; }

    /// <summary>The stream that asks.</summary>
    public required Binding By { get; init; }

    /// <summary>What is asked, signed W, + = import/charge. Null with a droop curve.</summary>
    public long? AskedW { get; init; }

    /// <summary>What is left of it inside the limits, signed W.</summary>
    public long? TargetW { get; init; }

    /// <summary>|asked − target|, W; absent when all can be met.</summary>
    public long? ShortfallW { get; init; }

    /// <summary>The stream whose limit stands in the way; absent when all can be met.</summary>
    public Binding? BoundBy { get; init; }

    /// <summary>The curve as it was asked; its output is to be clamped between <see cref="LowestW"/> and <see cref="HighestW"/>.</summary>
    public IReadOnlyList<DroopPoint>? Droop { get; init; }

    /// <summary>With a droop curve: the lowest power that the limits leave (≤ 0); absent when none is stated.</summary>
    public long? LowestW { get; init; }

    /// <summary>With a droop curve: the highest power that the limits leave (≥ 0); absent when none is stated.</summary>
    public long? HighestW { get; init; }
}

/// <summary>An advisory envelope inside the window: what it advises, and what not heeding it costs.</summary>
public sealed record AdvisoryTimeline
{
    public required Binding By { get; init; }
    public BreachPrice? BreachPrice { get; init; }

    /// <summary>Its limits over the whole window, defaults in the gaps; neighbours differ.</summary>
    public required IReadOnlyList<AdvisorySegment> Segments { get; init; }

    /// <summary>What it suggests to do, clipped to the window, not clamped.</summary>
    public IReadOnlyList<TargetSegment> Targets { get; init; } = [];
}

/// <summary>Advised limits over [<see cref="From"/>, <see cref="Until"/>); null = no end.</summary>
public sealed record AdvisorySegment
{
    public required Instant From { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public Instant? Until { get; init; }

    public required Limits Limits { get; init; }
}
