namespace GridServices.Hosting.Storage;

/// <summary>The store can't do this now: disk full, database away, locked for too long. Answered as 503 UNAVAILABLE; the process lives on.</summary>
public sealed class StoreUnavailableException : Exception
{
    public StoreUnavailableException(string message)
        : base(message)
    {
    }

    public StoreUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>True where the connection broke during the commit itself, so that nobody can say whether it happened.</summary>
    public bool OutcomeUnknown { get; init; }
}
