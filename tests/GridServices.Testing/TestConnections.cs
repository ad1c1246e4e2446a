using GridServices.Client.Access;

namespace GridServices.Testing;

/// <summary>Connections of a test's own client, also to a service that dies under it.</summary>
public static class TestConnections
{
    /// <summary>Plain ones; whatever goes wrong with them is an <see cref="HttpRequestException"/>.</summary>
    public static HttpMessageHandler Create() => new ConnectionFaultHandler(new SocketsHttpHandler());
}
