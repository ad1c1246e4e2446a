namespace GridServices.Cluster.Placement;

/// <summary>One key of placed work: where its grain is activated, there it runs.</summary>
internal interface IPlacedGrain : IGrainWithStringKey
{
    /// <summary>Its first call starts it.</summary>
    /// <returns>Whether it runs; where not, the next call starts it anew.</returns>
    Task<bool> EnsureAsync();

    /// <summary>Ends it here where it belongs to another node by now; the next call starts it there.</summary>
    Task MoveAsync();

    /// <summary>Whether the utility of a stream has been heard here; null: it has.</summary>
    Task<string?> WhyUnheardAsync(string tenant, string siteId, string service, string stream);

    /// <summary>Applies readings, JSON of feedback items.</summary>
    Task TakeFeedbackAsync(byte[] items);
}
