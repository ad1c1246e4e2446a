namespace GridServices.FrequencyResponse.Service.Registry;

/// <summary>A contract whose instructions or signals come over the grid operator's MQTT broker (settings <c>Mqtt</c>).</summary>
public sealed record MqttSettings
{
    /// <summary>Its topic, e.g. neso/unit-7: we listen to neso/unit-7/instructions or neso/unit-7/signal, and answer at neso/unit-7/acknowledgements.</summary>
    public required string Topic { get; init; }

    /// <summary>Of an instruction service: what becomes of an instruction that runs while the broker is away; absent = goOn.</summary>
    public WhenLost? WhenLost { get; init; }

    /// <summary>The line counts as lost when the broker has been away for so long, s.</summary>
    public decimal LostAfterSeconds { get; init; } = 30;
}

/// <summary>What becomes of a running instruction that nobody can cease any more.</summary>
public enum WhenLost
{
    /// <summary>It runs until its own end, its longest activation or the end of the window.</summary>
    GoOn,

    /// <summary>It is ceased as the operator would: now, or with the service's shortest activation.</summary>
    Cease,
}
