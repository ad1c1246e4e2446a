namespace GridServices.Ieee2030Dot5.Messages;

/// <summary>Something that happened at a device, e.g. an alarm raised or cleared.</summary>
public sealed record LogEvent : Resource
{
    /// <summary>Unix seconds.</summary>
    public required long CreatedDateTime { get; init; }

    /// <summary>At most 32 characters.</summary>
    public string? Details { get; init; }

    public uint? ExtendedData { get; init; }

    /// <summary>11 = distributed energy resources.</summary>
    public required byte FunctionSet { get; init; }

    public required byte LogEventCode { get; init; }

    public required ushort LogEventId { get; init; }

    /// <summary>IANA private enterprise number the code belongs to; 40732 = the standard's own codes.</summary>
    public required uint LogEventPen { get; init; }

    /// <summary>2 = IEEE 2030.5.</summary>
    public required byte ProfileId { get; init; }
}

public sealed record LogEventList : ResourceList<LogEvent>;
