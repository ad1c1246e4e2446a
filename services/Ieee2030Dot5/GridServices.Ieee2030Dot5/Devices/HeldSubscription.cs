using NodaTime;

namespace GridServices.Ieee2030Dot5.Devices;

/// <summary>A subscription that the server was asked for.</summary>
/// <param name="Href">Its own address, plain; null: the server does not hold it any more, or didn't say where.</param>
/// <param name="PostedAt">When it was asked for, or first found in the server's list.</param>
public sealed record HeldSubscription(string? Href, Instant PostedAt)
{
    /// <summary>True: the server took it and has not been seen without it since.</summary>
    public bool IsHeld { get; init; } = true;

    /// <summary>The address it was asked for with, where the answer was lost or named no place: whether the server holds it, and where, its list tells. Null: the answer told.</summary>
    public string? AskedWith { get; init; }

    /// <summary>How often in a row the server was found without it.</summary>
    public int Losses { get; init; }
}
