using System.Net;
using System.Net.Sockets;
using System.Text;
using GridServices.OpenAdr.Service.Transport;

namespace GridServices.OpenAdr.Service.Tests.Transport;

/// <summary>Replies byte for byte as VTNs that somebody wrote in an afternoon send them.</summary>
public sealed class PlainVtnTests
{
    private const string Body = "<oadrPayload/>";

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n" + Body)]
    [InlineData("HTTP/1.0 200 OK\r\n\r\n" + Body)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/xml;charset=\"UTF-8\"\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n<oadrPa\r\n7\r\nyload/>\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n" + Body)]
    public async Task A_reply_that_is_XML_is_read_whatever_its_headers_leave_out(string reply)
    {
        var received = Assert.IsType<VtnReply.Received>(await PostAsync(reply));
        Assert.Equal(Body, Encoding.ASCII.GetString(received.Body));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 14\r\n\r\n" + Body, "text/html")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: xml\r\nContent-Length: 14\r\n\r\n" + Body, "not application/xml")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Encoding: gzip\r\nContent-Length: 14\r\n\r\n" + Body, "not offered")]
    public async Task A_reply_that_says_it_is_something_else_is_refused(string reply, string words)
    {
        var failed = Assert.IsType<VtnReply.Failed>(await PostAsync(reply));
        Assert.Contains(words, failed.Detail, StringComparison.Ordinal);
    }

    private static async Task<VtnReply> PostAsync(string reply)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, reply);
        var url = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/OpenADR2/Simple/2.0b/OadrPoll");
        VtnReply answer;
        using (var connection = new VtnConnection(TlsProfile.None, ClientIdentity.Load(TlsProfile.None), "localhost"))
        {
            answer = await connection.PostAsync(url, "<x/>"u8.ToArray(), new ExchangeLimits(), TestContext.Current.CancellationToken);
        }

        await serving;
        return answer;
    }

    private static async Task ServeAsync(TcpListener listener, string reply)
    {
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        var read = await stream.ReadAsync(new byte[4096], TestContext.Current.CancellationToken);
        Assert.True(read > 0);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(reply), TestContext.Current.CancellationToken);
        client.Client.Shutdown(SocketShutdown.Send);
        var rest = await stream.ReadAsync(new byte[4096], TestContext.Current.CancellationToken);
        Assert.True(rest >= 0);
    }
}
