using NodaTime;

namespace GridServices.Contracts;

/// <summary>Bounds of numbers in an envelope, for whoever reads one and for whoever lets one be configured.</summary>
internal static class EnvelopeBounds
{
    /// <summary>Largest current of a phase, A.</summary>
    public const decimal MaxAmperes = 1_000_000;

    /// <summary>Shortest silence after which a fail-safe rule acts.</summary>
    public static readonly Duration ShortestStaleAfter = Duration.FromSeconds(1);
}
