using GridServices.Contracts;
using GridServices.Contracts.Json;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Mqtt;

/// <summary>A regulation signal, as it comes over MQTT.</summary>
public sealed record SignalMessage
{
    /// <summary>-1..1, + = raise.</summary>
    public required decimal Pu { get; init; }

    /// <summary>When the operator sent it: what comes late, twice or out of order is told by it.</summary>
    public required Instant At { get; init; }

    /// <returns>The signal, or null and what is wrong with it.</returns>
    internal static (SignalMessage? Message, string Fault) Read(ReadOnlyMemory<byte> payload) =>
        StrictJson.Read<SignalMessage>(payload, out var faults) is not { } message
            ? (null, string.Join("; ", faults.Select(f => SafeText.Line($"{f.Pointer} {f.Detail}".Trim()))))
        : message.Pu is < -1 or > 1 ? (null, "/pu is between -1 and 1")
        : (message, string.Empty);

    /// <summary>Why it does not count; null = it does.</summary>
    /// <param name="last">Stamp of the one before; null = none.</param>
    /// <param name="longestAge">Older than this it is as good as none: the contract's own time to "lost".</param>
    /// <param name="retained">The broker kept it: it says nothing of now.</param>
    /// <param name="now">The wall clock.</param>
    internal string? Stale(Instant? last, Duration longestAge, bool retained, Instant now) =>
        retained ? "the broker had kept it; publish signals without retain"
        : At <= last ? $"one of {last} was here before"
        : now - At > longestAge ? $"it was sent at {At} and comes at {now}: too late"
        : At - now > longestAge ? $"it is stamped {At}, ahead of our clock at {now}"
        : null;
}
