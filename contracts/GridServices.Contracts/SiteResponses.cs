using NodaTime;

namespace GridServices.Contracts;

/// <summary>A page of the sites that the hub knows, in the order of their ids.</summary>
public sealed record SiteList
{
    public required IReadOnlyList<SiteOverview> Items { get; init; }

    /// <summary>The <c>after</c> of the following page; absent = this is the last.</summary>
    public string? Next { get; init; }

    /// <summary>True: the hub's store is of a new history and not every publisher has restated in it, so that limits of any of these sites may be missing.</summary>
    public bool? Incomplete { get; init; }

    /// <summary>The publishers that have not yet restated; absent unless <see cref="Incomplete"/>, empty where none is known yet.</summary>
    public IReadOnlyList<string>? WaitingFor { get; init; }
}

/// <summary>How a site fares at the hub.</summary>
public sealed record SiteOverview
{
    public required string SiteId { get; init; }

    /// <summary>The site's last sequence; 0 = nothing was ever published for it.</summary>
    public required string Sequence { get; init; }

    /// <summary>When that was stored; absent where nothing was ever published.</summary>
    public Instant? LastChangeAt { get; init; }

    /// <summary>Streams and long polls that are open now.</summary>
    public required int Subscribers { get; init; }

    /// <summary>The instant of the latest reading that is kept; absent = none is.</summary>
    public Instant? LastReadingAt { get; init; }

    /// <summary>When the latest receipt that is kept came in; absent = none is.</summary>
    public Instant? LastReceiptAt { get; init; }

    /// <summary>Net power at the connection by its newest reading, W, import positive; absent = none of the site's last 20 readings states it.</summary>
    public long? NetPowerW { get; init; }

    /// <summary>When that was measured; absent with it.</summary>
    public Instant? NetPowerAt { get; init; }

    /// <summary>The last request of a controller's token for the site; absent = this hub process has had none.</summary>
    public ControllerSighting? Controller { get; init; }

    /// <summary>Streams whose utility is heard late, or not at all. A stream of which nobody has reported yet is not among them.</summary>
    public required IReadOnlyList<UpstreamHealth> Unheard { get; init; }

    /// <summary>
    /// True: limits of the site may be missing, because publishers have yet to restate or because the content of a stream is damaged in the store.
    /// Damage is known once the site was read since the hub started. Absent: nothing is known to be missing.
    /// </summary>
    public bool? Incomplete { get; init; }
}

/// <summary>Where and as what a site's controller was last seen, as a help to find it.</summary>
public sealed record ControllerSighting
{
    /// <summary>When its request came in, by the hub's clock; of a stream, when that was opened.</summary>
    public required Instant At { get; init; }

    /// <summary>The id of the token that it came with.</summary>
    public required string TokenId { get; init; }

    /// <summary>The IP address that the hub saw: behind a proxy, that of the proxy. Absent = the connection has none.</summary>
    public string? Address { get; init; }

    /// <summary>What it calls itself, at most 200 characters; absent = it says nothing.</summary>
    public string? UserAgent { get; init; }
}

/// <summary>Receipts of a site by their own instant, then in the order in which they came in.</summary>
public sealed record SiteReceipts
{
    public required IReadOnlyList<ReceivedReceipt> Items { get; init; }

    /// <summary>The <c>after</c> of the following page; absent = this is the last.</summary>
    public string? Next { get; init; }

    /// <summary>What came in before it is no longer kept, or not all of it; absent = all that ever came in is here.</summary>
    public Instant? KeptSince { get; init; }

    /// <summary>How many items of this page were changed in the hub's store after they were written, and are left out: what is missing is not known. Absent = none.</summary>
    public int? Damaged { get; init; }
}

/// <summary>A receipt as it was posted.</summary>
public sealed record ReceivedReceipt
{
    /// <summary>By the hub's clock.</summary>
    public required Instant ReceivedAt { get; init; }

    /// <summary>The stream of the envelope.</summary>
    public required StreamId Stream { get; init; }

    public required Receipt Receipt { get; init; }
}

/// <summary>Readings of a site and of the assets behind it by their own instant.</summary>
public sealed record SiteReadings
{
    public required IReadOnlyList<ReceivedReading> Items { get; init; }

    /// <summary>The <c>after</c> of the following page; absent = this is the last.</summary>
    public string? Next { get; init; }

    /// <summary>What came in before it is no longer kept, or not all of it; absent = all that ever came in is here.</summary>
    public Instant? KeptSince { get; init; }

    /// <summary>How many items of this page were changed in the hub's store after they were written, and are left out: what is missing is not known. Absent = none.</summary>
    public int? Damaged { get; init; }
}

/// <summary>A reading as it was posted.</summary>
public sealed record ReceivedReading
{
    /// <summary>By the hub's clock.</summary>
    public required Instant ReceivedAt { get; init; }

    public required Reading Reading { get; init; }
}
