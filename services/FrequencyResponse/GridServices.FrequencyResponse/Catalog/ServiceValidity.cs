using NodaTime;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>When a service is sold in the form that the catalog states: half-open, UTC.</summary>
/// <param name="From">Inclusive; null = since before this catalog.</param>
/// <param name="Until">Exclusive; null = no end is known.</param>
/// <param name="Certainty">How well the dates are known.</param>
/// <param name="Source">Where they come from.</param>
public sealed record ServiceValidity(Instant? From, Instant? Until, Certainty Certainty, string Source)
{
    /// <summary>The whole span lies inside; <paramref name="until"/> null = it never ends.</summary>
    public bool Covers(Instant from, Instant? until) => !(from < From) && (Until is null || until <= Until);

    /// <summary>For people.</summary>
    public override string ToString() => (From, Until) switch
    {
        ({ } from, { } until) => $"from {from} until {until}",
        ({ } from, null) => $"from {from}",
        (null, { } until) => $"until {until}",
        _ => "always",
    };
}
