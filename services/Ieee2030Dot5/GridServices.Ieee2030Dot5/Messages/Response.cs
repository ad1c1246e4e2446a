namespace GridServices.Ieee2030Dot5.Messages;

/// <summary>What became of an event, told to the server.</summary>
public record Response : Resource
{
    /// <summary>Unix seconds.</summary>
    public long? CreatedDateTime { get; init; }

    /// <summary>LFDI of the end device that answers, 40 hex digits.</summary>
    public required string EndDeviceLFdi { get; init; }

    /// <summary>See <see cref="ResponseStatus"/>; null is what the schema allows and this client never sends.</summary>
    public byte? Status { get; init; }

    /// <summary>mRID of the event, as the server sent it.</summary>
    public required string Subject { get; init; }
}

/// <summary>A response to a DERControl.</summary>
public sealed record DerControlResponse : Response;

/// <summary>A response to a TimeTariffInterval.</summary>
public sealed record PriceResponse : Response;

/// <summary>Statuses of a response, both editions.</summary>
public static class ResponseStatus
{
    public const byte Received = 1;
    public const byte Started = 2;
    public const byte Completed = 3;
    public const byte OptOut = 4;
    public const byte OptIn = 5;
    public const byte Cancelled = 6;
    public const byte Superseded = 7;
    public const byte PartiallyCompletedWithOptOut = 8;
    public const byte PartiallyCompletedWithOptIn = 9;
    public const byte CompletedWithNoParticipation = 10;

    /// <summary>2023 edition only.</summary>
    public const byte Resumed = 14;

    /// <summary>2023 edition; the 2018 edition says <see cref="RejectedInvalid2018"/>.</summary>
    public const byte NotSupported2023 = 251;

    /// <summary>2018 edition: a parameter is not supported.</summary>
    public const byte RejectedInvalid2018 = 252;

    public const byte Invalid = 253;

    public const byte Expired = 254;
}

/// <summary>A place responses are collected at.</summary>
public sealed record ResponseSet : Resource
{
    public required string MRid { get; init; }

    public string? Description { get; init; }

    public int? Version { get; init; }

    public ListLink? ResponseListLink { get; init; }
}

public sealed record ResponseSetList : ResourceList<ResponseSet>;
