using System.Net;
using System.Net.Sockets;
using GridServices.Cluster.Requests;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GridServices.Cluster.Tests.Requests;

/// <summary>Whose fault it is that a request could not be sent on.</summary>
public sealed class NodeClientTests
{
    private sealed class TooLarge : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new BadHttpRequestException("Request body too large.", StatusCodes.Status413PayloadTooLarge);

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
            throw new BadHttpRequestException("Request body too large.", StatusCodes.Status413PayloadTooLarge);
    }

    private static HttpRequest Request(Stream body)
    {
        var http = new DefaultHttpContext();
        (http.Request.Method, http.Request.Path, http.Request.Body) = ("PUT", "/v1/vens/a", body);
        http.Request.Headers.TransferEncoding = "chunked";
        return http.Request;
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_the_callers_fault_and_a_node_that_is_not_there_is_not()
    {
        using var line = new NodeClient(null!, NullLogger<NodeClient>.Instance);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var node = new NodeAddress { Sessions = "s", Node = "node-2", Url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}" };
        var bad = await Assert.ThrowsAsync<BadHttpRequestException>(() => line.SendAsync(Request(new TooLarge()), node, null, CancellationToken.None));
        Assert.Equal(StatusCodes.Status413PayloadTooLarge, bad.StatusCode);

        listener.Stop();
        var away = await Assert.ThrowsAsync<ProblemException>(() => line.SendAsync(Request(new MemoryStream([1])), node, null, CancellationToken.None));
        Assert.Equal(ErrorClass.Unavailable, away.Class);
    }

    [Fact]
    public async Task A_part_of_a_list_is_asked_for_whole_and_what_its_refusal_says_is_passed_on()
    {
        var ct = TestContext.Current.CancellationToken;
        using var line = new NodeClient(null!, NullLogger<NodeClient>.Instance);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var node = new NodeAddress { Sessions = "s", Node = "node-2", Url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}" };
        var http = new DefaultHttpContext();
        (http.Request.Method, http.Request.Path) = ("GET", "/v1/vens");
        http.Request.Headers.IfNoneMatch = "\"1\"";
        http.Request.Headers.Range = "bytes=0-1";
        http.Request.Headers.AcceptEncoding = "gzip";
        http.Request.Headers.Authorization = "Bearer x";
        var asking = line.SendAsync(http.Request, node, "application/json", ct);

        using var caller = await listener.AcceptTcpClientAsync(ct);
        using var reader = new StreamReader(caller.GetStream());
        var asked = new List<string>();
        while (await reader.ReadLineAsync(ct) is { Length: > 0 } header)
        {
            asked.Add(header.Split(':')[0]);
        }

        await caller.GetStream().WriteAsync("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), ct);
        using var answer = await asking;
        Assert.Contains("Authorization", asked);
        Assert.Empty(asked.Intersect(["If-None-Match", "Range", "Accept-Encoding"], StringComparer.OrdinalIgnoreCase));
        Assert.Contains(NodeClient.GetHeaders(answer), header => header.Name == "Retry-After" && header.Values is ["5"]);
    }

    private sealed class BrokenOff : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new ConnectionResetException("The client has disconnected");

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
            throw new ConnectionResetException("The client has disconnected");
    }

    private sealed class Lines : ILogger<NodeClient>
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add(formatter(state, exception));
    }

    [Fact]
    public async Task A_caller_that_breaks_off_its_upload_is_not_told_as_a_node_that_is_not_there()
    {
        var log = new Lines();
        using var line = new NodeClient(null!, log);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var node = new NodeAddress { Sessions = "s", Node = "node-2", Url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}" };
        await Assert.ThrowsAsync<ProblemException>(() => line.SendAsync(Request(new BrokenOff()), node, null, CancellationToken.None));
        Assert.Empty(log.Written);

        listener.Stop();
        await Assert.ThrowsAsync<ProblemException>(() => line.SendAsync(Request(new MemoryStream([1])), node, null, CancellationToken.None));
        Assert.Single(log.Written);
    }
}
