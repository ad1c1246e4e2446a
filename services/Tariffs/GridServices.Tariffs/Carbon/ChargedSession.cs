using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Tariffs.Carbon;

/// <summary>A charging session as far as its energy over time is known.</summary>
/// <param name="Id">What it is known by.</param>
/// <param name="Parts">In order, each with its energy; inside a part it is spread evenly over time.</param>
public sealed record ChargedSession(string Id, ImmutableArray<SessionPart> Parts);

/// <summary>Energy of a session over [<paramref name="From"/>, <paramref name="Until"/>).</summary>
public sealed record SessionPart(Instant From, Instant Until, decimal Kwh);
