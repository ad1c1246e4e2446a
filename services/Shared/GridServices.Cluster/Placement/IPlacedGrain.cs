using Orleans.Concurrency;

namespace GridServices.Cluster.Placement;

/// <summary>
/// One key of placed work: where its grain is activated, there it runs. No call waits for one that waits for the utility, but for the few seconds of
/// <see cref="PendingReadings"/> where it is to end here.
/// </summary>
internal interface IPlacedGrain : IGrainWithStringKey
{
    /// <summary>Its first call starts it.</summary>
    /// <returns>Whether it runs; where not, the next call starts it anew.</returns>
    [AlwaysInterleave]
    Task<bool> EnsureAsync();

    /// <summary>Ends it here where it belongs to another node by now; the next call starts it there.</summary>
    [AlwaysInterleave]
    Task MoveAsync();

    /// <summary>Whether the utility of a stream has been heard here; null: it has.</summary>
    [AlwaysInterleave]
    Task<string?> WhyUnheardAsync(string tenant, string siteId, string service, string stream);

    /// <summary>Applies readings, JSON of feedback items.</summary>
    /// <exception cref="GridServices.Hosting.Storage.StoreUnavailableException">Not applied, or not yet, or earlier ones are being applied still: the same again hears what became of them.</exception>
    [AlwaysInterleave]
    Task TakeFeedbackAsync(byte[] items);
}
