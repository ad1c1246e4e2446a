using GridServices.Contracts;
using GridServices.Operations.Service.Clients;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Controllers;

/// <summary>How often a controller said what, and when it said it last.</summary>
internal sealed record ReceiptCount(ReceiptState State, int Count, Instant LastAt, string? LastReason);

/// <summary>What a controller said of limits in the last day. Null: the hub does not say.</summary>
internal sealed class ControllerReceipts(ServiceCalls calls, IEnvelopeHubApi hub, IClock clock)
{
    private static readonly Duration Back = Duration.FromHours(24);

    internal async Task<IReadOnlyList<ReceiptCount>?> CountAsync(string tenant, string siteId, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var reply = await calls.ListAsync<SiteReceipts, ReceivedReceipt>(
            ServiceName.EnvelopeHub, tenant, (token, after) => hub.ListReceiptsAsync(token, siteId, InstantPattern.ExtendedIso.Format(now - Back), InstantPattern.ExtendedIso.Format(now + Duration.FromMinutes(5)), after, ct), page => (page.Items, page.Next), ct);
        return reply.IsDone ? Count(reply.Value!) : reply.Kind == ReplyKind.NotThere ? [] : null;
    }

    /// <summary>By state, in the order of an envelope's life.</summary>
    internal static IReadOnlyList<ReceiptCount> Count(IEnumerable<ReceivedReceipt> receipts) =>
    [
        .. receipts.GroupBy(r => r.Receipt.State).OrderBy(g => g.Key)
            .Select(g => g.MaxBy(r => r.ReceivedAt)! is var last ? new ReceiptCount(g.Key, g.Count(), last.ReceivedAt, last.Receipt.Reason) : throw new InvalidOperationException()),
    ];

    /// <summary>How long the controller took, or has been taking, to say something of the hub's last change; null: nothing was published, or it is not known.</summary>
    /// <param name="lastChangeAt">When the hub's content of the site changed last.</param>
    /// <param name="lastReceiptAt">When the latest receipt came in.</param>
    /// <param name="now">The time of the question.</param>
    internal static (Duration Lag, bool IsAnswered)? ComputeLag(Instant? lastChangeAt, Instant? lastReceiptAt, Instant now) => lastChangeAt is not { } changed ? null
        : lastReceiptAt >= changed ? (lastReceiptAt.Value - changed, true)
        : (now - changed, false);
}
