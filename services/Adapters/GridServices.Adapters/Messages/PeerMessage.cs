using NodaTime;

namespace GridServices.Adapters.Messages;

/// <summary>What is to stand at a topic, and how often it is said.</summary>
/// <param name="Topic">Where.</param>
/// <param name="Payload">Empty and retained: the topic is cleared.</param>
/// <param name="IsRetained">The broker keeps it for who comes later.</param>
/// <param name="Every">Said again after this, though nothing changed.</param>
public sealed record PeerMessage(string Topic, string Payload, bool IsRetained, Duration Every)
{
    /// <summary>Said at once where this differs from what was said last. Default: the payload.</summary>
    public string Says { get; init; } = Payload;
}
