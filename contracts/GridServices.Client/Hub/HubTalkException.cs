using System.Net;

namespace GridServices.Client;

/// <summary>The hub refused a request, or said something that can't be understood; the message says what and why.</summary>
public sealed class HubTalkException : Exception
{
    public HubTalkException()
    {
    }

    public HubTalkException(string message)
        : base(message)
    {
    }

    public HubTalkException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public HubTalkException(string message, HttpStatusCode status)
        : base(message) => Status = status;

    /// <summary>The hub's HTTP status, where it answered at all.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>True where something between answered instead of the hub, such as a portal's page: it says nothing about the request.</summary>
    public bool IsOfAnother { get; internal init; }

    /// <summary>True where the same request may succeed later: overload, restart, no answer of the hub, a token about to be changed.</summary>
    public bool IsPassing => IsOfAnother || MayPass;

    /// <summary>The status alone, whoever answered.</summary>
    internal bool MayPass =>
        Status is null or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;
}
