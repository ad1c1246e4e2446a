using System.Net;

namespace GridServices.UtilityClients.Listening;

/// <summary>How a listener fares, for status and doctor.</summary>
/// <param name="off">Why nothing comes in while it was never started, and what to do.</param>
public sealed class ListenerStatus(string off)
{
    private volatile string? _problem = off;
    private volatile IPEndPoint? _address;
    private volatile string? _refused;

    /// <summary>Why nothing can come in; null: the listener is up.</summary>
    public string? Problem => _problem;

    /// <summary>Where it listens; null: nowhere.</summary>
    public IPEndPoint? Address => _address;

    /// <summary>Why the caller refused last was refused; null: nobody was.</summary>
    public string? Refused => _refused;

    public void Up(IPEndPoint address) => (_address, _problem) = (address, null);

    public void Down(string why) => (_address, _problem) = (null, why);

    /// <returns>True where this is not just the same as before.</returns>
    public bool Refuse(string why)
    {
        var isNew = _refused != why;
        _refused = why;
        return isNew;
    }
}
