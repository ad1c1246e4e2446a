using System.Runtime.InteropServices;
using NodaTime;

namespace GridServices.FrequencyResponse.Outages;

/// <summary>A stretch of time for which less than the quantity was declared.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="Until">Exclusive.</param>
/// <param name="AvailableW">What is left of the quantity, W; 0 = an outage.</param>
/// <param name="DeclaredAt">Since when no more than that was declared for it.</param>
public sealed record OutageStretch(Instant From, Instant Until, long AvailableW, Instant DeclaredAt);

/// <summary>What declarations take out of a span of sold time.</summary>
/// <param name="Seconds">Declared as not available, in seconds of the whole quantity: half of it for an hour is half an hour.</param>
/// <param name="LateSeconds">Of these, those that were declared later than the notice asks for.</param>
/// <param name="OutSeconds">Time in which nothing is left.</param>
/// <param name="LeastW">The least that is left at any time of it; the quantity where nothing was declared.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct OutageEffect(double Seconds, double LateSeconds, double OutSeconds, long LeastW)
{
    /// <summary>Time in which a part is left, in seconds of the whole quantity.</summary>
    public double DeratedSeconds => Math.Max(0, Seconds - OutSeconds);
}
