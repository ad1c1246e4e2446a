using GridServices.Contracts;
using GridServices.Hosting.Storage;

namespace GridServices.Hosting.Hub;

/// <summary>What a service does with receipts and readings of its tenant that come back from site controllers through the hub.</summary>
public interface IFeedbackHandler
{
    /// <summary>
    /// Takes a batch, in the hub's order, at most about a second after its first item came. At least once: a batch may come again after a restart.
    /// Batches may overlap in time: the next one comes before the task of this one has ended. One that failed comes again later, in parts, after others.
    /// </summary>
    /// <returns>Ends once the batch needs not be sent again.</returns>
    /// <exception cref="StoreUnavailableException">Not applied; the batch comes again. After any other exception it comes again in halves, until what can't be applied is alone.</exception>
    Task HandleAsync(IReadOnlyList<FeedbackItem> batch, CancellationToken ct);
}
