using NodaTime;

namespace GridServices.Contracts;

/// <summary>Something that holds over [<see cref="From"/>, <see cref="Until"/>); <see cref="Until"/> null = no end.</summary>
public interface ISegment<TSelf>
    where TSelf : ISegment<TSelf>
{
    Instant From { get; }

    Instant? Until { get; }

    /// <summary>The same over another span.</summary>
    TSelf Over(Instant from, Instant? until);
}
