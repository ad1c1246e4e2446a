namespace GridServices.Adapters.Service.Oscp;

/// <summary>An answer that the other side still waits for; each is one of its own.</summary>
/// <param name="request">The id of the request that it answers; null: not known.</param>
internal sealed class OscpPendingReply(string? request)
{
    public string? Request { get; } = request;
}
