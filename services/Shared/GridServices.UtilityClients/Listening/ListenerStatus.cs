using System.Net;
using NodaTime;

namespace GridServices.UtilityClients.Listening;

/// <summary>How a listener fares, for status and doctor.</summary>
/// <param name="off">Why nothing comes in while it was never started, and what to do.</param>
public sealed class ListenerStatus(string off)
{
    private volatile string? _problem = off;
    private volatile Func<string?>? _certificate;
    private volatile IPEndPoint? _address;
    private volatile Refusal? _refused;

    /// <summary>Why nothing can come in; null: the listener is up and has a certificate to show.</summary>
    public string? Problem => _problem ?? _certificate?.Invoke();

    /// <summary>Where it listens; null: nowhere.</summary>
    public IPEndPoint? Address => _address;

    /// <summary>Why a caller of whom nothing is known was refused last, in words that name nobody; null: none was.</summary>
    public string? Refused => _refused?.Why;

    /// <summary>When that was; null: not noted.</summary>
    public Instant? RefusedAt => _refused?.At;

    /// <param name="address">Where it listens.</param>
    /// <param name="certificate">Tells why there is no certificate to show at the time of asking; null: there is one.</param>
    public void Up(IPEndPoint address, Func<string?> certificate) => (_address, _certificate, _problem) = (address, certificate, null);

    public void Down(string why) => (_address, _problem) = (null, why);

    /// <param name="why">In words that name nobody.</param>
    /// <param name="at">When; null: not noted.</param>
    /// <returns>True where this is not just the same as before.</returns>
    public bool Refuse(string why, Instant? at = null) => Interlocked.Exchange(ref _refused, new Refusal(why, at))?.Why != why;

    private sealed record Refusal(string Why, Instant? At);
}
