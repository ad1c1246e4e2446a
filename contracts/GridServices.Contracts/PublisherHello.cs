namespace GridServices.Contracts;

/// <summary>What a publisher tells the hub every few seconds, and at once when it meets another epoch (<c>POST /v1/publishers</c>).</summary>
public sealed record PublisherHello
{
    /// <summary>The publisher, as in CloudEvents <c>source</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The epoch in which everything live that it publishes has been taken by the hub; null: none yet.</summary>
    public string? RestatedEpoch { get; init; }

    /// <summary>The epoch of the hub's last answer, as this publisher has stored it.</summary>
    public string? Epoch { get; init; }

    /// <summary>The highest <see cref="PublisherAnswer.Head"/> that the hub ever answered in <see cref="Epoch"/>: proof of what its store held.</summary>
    public long? Head { get; init; }
}

/// <summary>The hub's answer: where its history stands.</summary>
public sealed record PublisherAnswer
{
    /// <summary>Another one than the publisher has restated in: everything live is to be published again.</summary>
    public required string Epoch { get; init; }

    /// <summary>How many transactions the hub's store holds in this epoch; never falls, unless the store was put back.</summary>
    public required long Head { get; init; }

    /// <summary>True while controllers are told that limits may be missing.</summary>
    public bool? Incomplete { get; init; }

    /// <summary>The publishers that the hub still waits for.</summary>
    public IReadOnlyList<string>? WaitingFor { get; init; }
}
