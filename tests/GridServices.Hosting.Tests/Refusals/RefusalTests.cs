using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;

namespace GridServices.Hosting.Tests.Refusals;

public sealed class RefusalTests : IAsyncLifetime
{
    private ServiceApp _service = null!;

    public async ValueTask InitializeAsync() => _service = await ServiceApp.StartAsync(SampleApp.Build, null, "--Logging:LogLevel:GridServices.Hosting=None");

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData("GET", "/v1/nowhere", HttpStatusCode.NotFound, "NOT_FOUND")]
    [InlineData("GET", "/", HttpStatusCode.NotFound, "NOT_FOUND")]
    [InlineData("DELETE", "/v1/publish", HttpStatusCode.MethodNotAllowed, "METHOD")]
    [InlineData("TRACE", "/v1/whoami", HttpStatusCode.MethodNotAllowed, "METHOD")]
    [InlineData("GET", "/v1/boom", HttpStatusCode.InternalServerError, "INTERNAL")]
    public async Task Every_error_is_a_problem(string method, string path, HttpStatusCode status, string kind)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        var (answered, problem, _) = await SendAsync(request);
        Assert.Equal((status, kind), (answered, Kind(problem)));
        Assert.Equal(path, problem.GetProperty("instance").GetString());
        Assert.NotEmpty(problem.GetProperty("traceId").GetString()!);
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
    }

    [Fact]
    public async Task An_unhandled_error_tells_nothing_of_itself()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/boom");
        var (_, _, text) = await SendAsync(request);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("InvalidOperation", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_method_names_the_right_ones()
    {
        using var client = _service.Client(_service.Tokens.Operator);
        using var answer = await client.DeleteAsync("/v1/publish");
        Assert.Equal(["POST"], answer.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("{", HttpStatusCode.BadRequest, "MALFORMED")]
    [InlineData("", HttpStatusCode.BadRequest, "MALFORMED")]
    [InlineData("{\"id\":1}", HttpStatusCode.BadRequest, "MALFORMED")]
    [InlineData("{\"id\":\"a\",\"id\":\"b\"}", HttpStatusCode.BadRequest, "MALFORMED")]
    [InlineData("{\"id\":\"a\",\"at\":\"2027-02-30T00:00:00Z\",\"every\":\"PT2M\",\"kind\":\"site\",\"note\":null}", HttpStatusCode.BadRequest, "MALFORMED")]
    [InlineData("{\"id\":\"a\",\"at\":\"2027-02-20T00:00:00\",\"every\":\"PT2M\",\"kind\":\"site\",\"note\":null}", HttpStatusCode.BadRequest, "MALFORMED")]
    [InlineData("{\"id\":\"a\",\"at\":\"2027-02-20T00:00:00Z\",\"every\":\"PT2M\",\"kind\":0,\"note\":null}", HttpStatusCode.BadRequest, "MALFORMED")]
    public async Task Bad_json_is_a_problem_of_the_sender(string body, HttpStatusCode status, string kind)
    {
        using var request = Post("/v1/bind", body, "application/json");
        var (answered, problem, _) = await SendAsync(request);
        Assert.Equal((status, kind), (answered, Kind(problem)));
    }

    [Theory]
    [InlineData("/v1/bind", "text/plain", null)]
    [InlineData("/v1/echo", "text/plain", null)]
    [InlineData("/v1/echo", "application/json; charset=iso-8859-1", null)]
    [InlineData("/v1/echo", "multipart/form-data; boundary=x", null)]
    [InlineData("/v1/echo", "application/json", "gzip")]
    [InlineData("/v1/echo", null, null)]
    public async Task A_body_that_is_not_read_here_is_415(string path, string? type, string? encoding)
    {
        using var request = Post(path, "{}", type);
        if (encoding is not null)
        {
            request.Content!.Headers.ContentEncoding.Add(encoding);
        }

        var (answered, problem, _) = await SendAsync(request);
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "UNSUPPORTED_MEDIA"), (answered, Kind(problem)));
    }

    [Theory]
    [InlineData("application/json; charset=UTF-8")]
    [InlineData("application/json;charset=\"utf-8\"")]
    [InlineData("APPLICATION/JSON")]
    [InlineData("application/xml; charset=utf-16")]
    public async Task Bodies_in_their_usual_dress_are_read(string type)
    {
        using var client = _service.Client(_service.Tokens.Operator);
        using var request = Post("/v1/echo", "{\"ä\":1}", type);
        using var answer = await client.SendAsync(request);
        Assert.Equal("{\"ä\":1}", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/v1/small", 101, true, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("/v1/small", 101, false, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("/v1/small", 100, false, HttpStatusCode.OK)]
    [InlineData("/v1/echo", 2 * 1024 * 1024, true, HttpStatusCode.OK)]
    [InlineData("/v1/echo", 2 * 1024 * 1024, false, HttpStatusCode.OK)]
    [InlineData("/v1/echo", (2 * 1024 * 1024) + 1, false, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("/v1/bind", (1024 * 1024) + 1, true, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Bodies_are_bounded_with_and_without_a_length(string path, int bytes, bool withLength, HttpStatusCode status)
    {
        using var client = _service.Client(_service.Tokens.Operator);
        using var request = Post(path, new string(' ', bytes), "application/json");
        request.Headers.TransferEncodingChunked = !withLength;
        request.Headers.ExpectContinue = true;
        using var answer = await client.SendAsync(request);
        Assert.Equal(status, answer.StatusCode);
        if (status == HttpStatusCode.RequestEntityTooLarge)
        {
            using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            Assert.Equal("LIMIT_SIZE", Kind(problem.RootElement));
        }
    }

    [Fact]
    public async Task Headers_are_bounded()
    {
        using var client = _service.Client(_service.Tokens.Operator);
        client.DefaultRequestHeaders.Add("X-Long", new string('x', 33 * 1024));
        using var answer = await client.GetAsync("/v1/whoami");
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, answer.StatusCode);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")]
    [InlineData("POST /v1/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;\nx\r\n0\r\n\r\n")]
    [InlineData("nonsense\r\n\r\n")]
    public async Task Malformed_http_is_refused_and_the_connection_closed(string raw)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(_service.Address.Host, _service.Address.Port);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(raw));
        using var reader = new StreamReader(socket.GetStream());
        var answer = await reader.ReadToEndAsync().WaitAsync(Until.Ceiling);
        Assert.Matches("^HTTP/1.1 4\\d\\d", answer);
    }

    private static HttpRequestMessage Post(string path, string body, string? type)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        return new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
    }

    private static string Kind(JsonElement problem) => problem.GetProperty("type").GetString()!.Split(':')[^1];

    private async Task<(HttpStatusCode Status, JsonElement Problem, string Text)> SendAsync(HttpRequestMessage request)
    {
        using var client = _service.Client(_service.Tokens.Operator);
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        using var problem = JsonDocument.Parse(text);
        return (answer.StatusCode, problem.RootElement.Clone(), text);
    }
}
