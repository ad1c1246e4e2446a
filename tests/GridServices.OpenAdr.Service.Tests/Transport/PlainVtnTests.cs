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
    [InlineData("HTTP/1.1 201 Created\r\nContent-Type: application/xml\r\nContent-Length: 14\r\n\r\n" + Body, 201)]
    [InlineData("HTTP/1.1 202 Accepted\r\nContent-Type: application/xml\r\nContent-Length: 14\r\n\r\n" + Body, 202)]
    public async Task A_reply_that_is_XML_is_read_whatever_its_headers_leave_out(string reply, int status = 200)
    {
        var received = Assert.IsType<VtnReply.Received>(await PostAsync(reply));
        Assert.Equal((status, Body), (received.HttpStatus, Encoding.ASCII.GetString(received.Body)));
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

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 0\r\n\r\n", 200)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: 2\r\n\r\n\r\n", 200)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: 5\r\n\r\n\u00EF\u00BB\u00BF\r\n", 200)]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 204)]
    [InlineData("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", 202)]
    [InlineData("HTTP/1.0 200 OK\r\n\r\n", 200)]
    public async Task A_2xx_without_a_body_is_empty_whatever_its_headers_say(string reply, int status) =>
        Assert.Equal(status, Assert.IsType<VtnReply.Empty>(await PostAsync(reply)).HttpStatus);

    [Theory]
    [InlineData("HTTP/1.1 401 Unauthorized\r\nContent-Type: text/html\r\nContent-Length: 14\r\n\r\n" + Body, 401, null)]
    [InlineData("HTTP/1.1 403 Forbidden\r\n\r\n" + Body, 403, null)]
    [InlineData("HTTP/1.1 503 Later\r\nRetry-After: 7\r\nContent-Length: 14\r\n\r\n" + Body, 503, 7)]
    [InlineData("HTTP/1.1 503 Later\r\nDate: Sat, 16 Jan 2027 18:00:00 GMT\r\nRetry-After: Sat, 16 Jan 2027 18:00:09 GMT\r\nContent-Length: 14\r\n\r\n" + Body, 503, 9)]
    public async Task What_comes_with_an_error_is_kept(string reply, int status, int? retryAfter)
    {
        var failed = Assert.IsType<VtnReply.Failed>(await PostAsync(reply));
        Assert.Equal((status, Body, retryAfter), (failed.HttpStatus, Encoding.ASCII.GetString(failed.Body!), (int?)failed.RetryAfter?.TotalSeconds));
    }

    [Theory]
    [InlineData("\u0015\u0003\u0001\u0000\u0002\u0002\u0046")]
    [InlineData("")]
    [InlineData("HTTP/1.1 400 Bad Request\r\nContent-Length: 14\r\n\r\n" + Body)]
    public async Task Plain_http_to_a_port_that_speaks_TLS_is_told_so(string reply) =>
        Assert.Contains("write https:// in vtnUrl", Assert.IsType<VtnReply.Failed>(await PostAsync(reply)).Detail, StringComparison.Ordinal);

    [Fact]
    public async Task Https_to_a_port_that_speaks_plain_http_is_told_so()
    {
        var failed = Assert.IsType<VtnReply.Failed>(await PostAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "https"));
        Assert.Equal(ExchangeFailure.Tls, failed.Failure);
        Assert.Contains("speaks no TLS; write http://", failed.Detail, StringComparison.Ordinal);
    }

    private static async Task<VtnReply> PostAsync(string reply, string scheme = "http")
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, reply);
        var url = new Uri($"{scheme}://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/OpenADR2/Simple/2.0b/OadrPoll");
        VtnReply answer;
        using (var connection = VtnConnection.Open(TlsProfile.None, "localhost"))
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
        await stream.WriteAsync(Encoding.Latin1.GetBytes(reply), TestContext.Current.CancellationToken);
        client.Client.Shutdown(SocketShutdown.Send);
        var rest = await stream.ReadAsync(new byte[4096], TestContext.Current.CancellationToken);
        Assert.True(rest >= 0);
    }
}
