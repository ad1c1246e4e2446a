using System.Net;
using System.Net.Sockets;
using GridServices.Client.Access;
using GridServices.Testing;

namespace GridServices.Client.Tests.Access;

public sealed class ConnectionFaultHandlerTests
{
    [Fact]
    public async Task A_connection_that_the_server_resets_at_once_is_a_fault_of_the_request()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)server.LocalEndpoint).Port}/");
        using var http = new HttpClient(new ConnectionFaultHandler(new SocketsHttpHandler { ConnectCallback = (_, ct) => ConnectAsync(server, ct) }));
        var fault = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(address, TestContext.Current.CancellationToken));
        Assert.Equal(HttpRequestError.ConnectionError, fault.HttpRequestError);
        Assert.Contains(address.Authority, fault.Message, StringComparison.Ordinal);
        Assert.IsType<SocketException>(fault.InnerException);
    }

    private static async ValueTask<Stream> ConnectAsync(TcpListener server, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync((IPEndPoint)server.LocalEndpoint, ct);
        using (var other = await server.AcceptSocketAsync(ct))
        {
            other.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        // The reset is here once there is something to read.
        Assert.True(socket.Poll(Until.Ceiling, SelectMode.SelectRead));
        return new NetworkStream(socket, ownsSocket: true);
    }
}
