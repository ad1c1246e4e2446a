using NodaTime;

namespace GridServices.Tariffs;

/// <summary>The price on [<see cref="From"/>, <see cref="Until"/>).</summary>
public sealed record PricePoint(Instant From, Instant Until, decimal Price);
