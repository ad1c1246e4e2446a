namespace GridServices.Ieee2030Dot5.Messages;

/// <summary>A client's wish to be told of changes to a resource.</summary>
public sealed record Subscription : Resource
{
    /// <summary>The resource to watch; a local path.</summary>
    public required string SubscribedResource { get; init; }

    public SubscriptionCondition? Condition { get; init; }

    /// <summary>0 = application/sep+xml, 1 = EXI.</summary>
    public byte Encoding { get; init; }

    /// <summary>Schema level, e.g. <c>+S1</c>.</summary>
    public required string Level { get; init; }

    /// <summary>How many items of a list may come with a notification; 0 = none.</summary>
    public long Limit { get; init; }

    /// <summary>Where notifications go: the client's own address.</summary>
    public required string NotificationUri { get; init; }
}

public sealed record SubscriptionList : ResourceList<Subscription>;

/// <summary>Tell only once a value leaves the bounds.</summary>
public sealed record SubscriptionCondition(byte AttributeIdentifier, long LowerThreshold, long UpperThreshold);

/// <summary>A server's word that a subscribed resource changed.</summary>
public sealed record Notification : Resource
{
    /// <summary>As sent.</summary>
    public required string SubscribedResource { get; init; }

    /// <summary>The resource has moved here, as sent.</summary>
    public string? NewResourceUri { get; init; }

    /// <summary>The resource as it is now, of the type its xsi:type names; null where the server wants it to be fetched.</summary>
    public Resource? Resource { get; init; }

    /// <summary>0 default, 1 cancelled, 2 moved, 3 definition changed, 4 deleted.</summary>
    public byte Status { get; init; }

    /// <summary>Which subscription, as sent; null where the server leaves it out: it decides nothing.</summary>
    public string? SubscriptionUri { get; init; }
}
