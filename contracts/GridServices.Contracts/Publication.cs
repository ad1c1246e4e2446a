using NodaTime;

namespace GridServices.Contracts;

/// <summary>A CloudEvent that was read and found valid: one of the three things a publisher says.</summary>
public abstract record Publication
{
    private protected Publication()
    {
    }

    /// <summary>CloudEvents <c>id</c>.</summary>
    public required string EventId { get; init; }

    /// <summary>CloudEvents <c>source</c>.</summary>
    public required string Source { get; init; }

    /// <summary>From the subject; the hub checks it against the caller's token.</summary>
    public required string Tenant { get; init; }

    /// <summary>From the subject; equal to the data's <c>siteId</c>.</summary>
    public required string SiteId { get; init; }

    public required Instant Time { get; init; }

    /// <summary>What the publication replaces.</summary>
    public abstract StreamKey Key { get; }

    public abstract long Revision { get; }

    /// <summary>The data record, for <see cref="CanonicalJson"/>.</summary>
    public abstract object Data { get; }
}

/// <summary>The whole schedule of a stream for a target, replaced.</summary>
public sealed record EnvelopePublished : Publication
{
    public required Envelope Envelope { get; init; }
    public override StreamKey Key => StreamKey.From(Envelope);
    public override long Revision => Envelope.Revision;
    public override object Data => Envelope;
}

/// <summary>The stream says nothing more for the target.</summary>
public sealed record EnvelopeWithdrawn : Publication
{
    public required Withdrawal Withdrawal { get; init; }
    public override StreamKey Key => StreamKey.From(Withdrawal);
    public override long Revision => Withdrawal.Revision;
    public override object Data => Withdrawal;
}

/// <summary>The whole price series of a stream, replaced; an empty series withdraws it.</summary>
public sealed record PricesPublished : Publication
{
    public required PriceSeries Prices { get; init; }
    public override StreamKey Key => StreamKey.From(Prices);
    public override long Revision => Prices.Revision;
    public override object Data => Prices;
}

/// <summary>
/// The unit of supersede: one live envelope per (site, target, stream), one price series per (site, stream) (architecture law 7).
/// </summary>
/// <param name="SiteId">The site.</param>
/// <param name="Target">The metering boundary; null on price series, which have none.</param>
/// <param name="Stream">The line of authority.</param>
public sealed record StreamKey(string SiteId, EnvelopeTarget? Target, StreamId Stream)
{
    public static StreamKey From(Envelope envelope) => new(envelope.SiteId, envelope.Target, envelope.Stream);

    public static StreamKey From(Withdrawal withdrawal) => new(withdrawal.SiteId, withdrawal.Target, withdrawal.Stream);

    public static StreamKey From(PriceSeries prices) => new(prices.SiteId, null, prices.Stream);
}
