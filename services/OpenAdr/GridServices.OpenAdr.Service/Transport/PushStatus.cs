using System.Net;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>How the listener fares, for status and doctor.</summary>
internal sealed class PushStatus
{
    private volatile string? _problem = "the push listener is off: set Push:Listen and Push:Certificate in the service's settings and restart it";
    private volatile IPEndPoint? _address;
    private volatile string? _refused;

    /// <summary>Why nothing can be pushed; null: the listener is up.</summary>
    public string? Problem => _problem;

    /// <summary>Where it listens; null: nowhere.</summary>
    public IPEndPoint? Address => _address;

    /// <summary>Whom it refused last, and why; null: nobody.</summary>
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
