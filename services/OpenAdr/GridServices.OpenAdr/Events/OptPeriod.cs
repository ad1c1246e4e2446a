using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>A span of an opt schedule, [<paramref name="Start"/>, <paramref name="Start"/> + <paramref name="Duration"/>).</summary>
/// <param name="Start">A whole second.</param>
/// <param name="Duration">Whole seconds; zero: without end (OpenADR 2.0b rule 210).</param>
public sealed record OptPeriod(Instant Start, Duration Duration)
{
    /// <summary>Exclusive; null: without end.</summary>
    internal Instant? End => Duration == Duration.Zero ? null : Start + Duration;
}
