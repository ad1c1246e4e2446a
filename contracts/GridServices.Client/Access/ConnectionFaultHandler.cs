using System.Net.Sockets;

namespace GridServices.Client.Access;

/// <summary>
/// Says <see cref="HttpRequestException"/> of every connection that could not be made. .NET 10 tells of one that the other end reset at once, as a server
/// that dies does, with a bare <see cref="SocketException"/>, which callers of <see cref="HttpClient"/> have no reason to expect.
/// </summary>
/// <param name="inner">The connections; disposed with this.</param>
public sealed class ConnectionFaultHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException reset)
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, $"{reset.Message} ({request.RequestUri?.Authority})", reset);
        }
    }
}
