using NodaTime;

namespace GridServices.Tariffs.Bills;

/// <summary>The price on [<see cref="From"/>, <see cref="Until"/>).</summary>
public sealed record PricePoint(Instant From, Instant Until, decimal Price);
