using GridServices.Contracts;
using NodaTime;

namespace GridServices.Adapters.Lines;

/// <summary>What is known of a site at an instant: all that adapters go by.</summary>
public sealed record SiteView
{
    public required string SiteId { get; init; }

    /// <summary>The present, by the hub's clock.</summary>
    public required Instant At { get; init; }

    /// <summary>The merge of all that is followed at the site's connection point, and at the parts that the peer is bound to, from <see cref="At"/> on; empty: nobody states anything.</summary>
    public required IReadOnlyList<EffectiveSegment> Segments { get; init; }

    /// <summary>
    /// True while the hub is heard, its history is complete, no stream is stale, no utility is lost and every limit of a part of the site reaches somebody: only then does a quantity that nobody states mean "no limit".
    /// Otherwise it may have been lost on the way, and the fail-safe limit stands in its place.
    /// </summary>
    public required bool IsKnown { get; init; }

    /// <summary>How the site stands to its hub, in a word: init, controlled, holding or failsafe.</summary>
    public required string State { get; init; }

    /// <summary>The same as <see cref="Segments"/>, if nobody were heard any more: fail-safe limits that streams state for their own silence. Merged when it is asked for; empty: nobody states any.</summary>
    public Lazy<IReadOnlyList<EffectiveSegment>> WhenSilent { get; init; } = new([]);

    /// <summary>Since the hub's last word that was up to date; null: none since the start.</summary>
    public Duration? SinceHeard { get; init; }
}
