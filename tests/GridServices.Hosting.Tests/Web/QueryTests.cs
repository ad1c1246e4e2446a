using System.Net;
using System.Text.Json;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Tests.Sample;
using GridServices.Hosting.Web;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;

namespace GridServices.Hosting.Tests.Web;

/// <summary>A query parameter that nobody reads is refused with the nearest known word.</summary>
public sealed class QueryTests
{
    private static WebApplication Build(string[] args)
    {
        var app = SampleApp.Build(args);
        app.MapGet("/v1/window/{id}", (string id, string? from, int? limit, [FromQuery(Name = "wait")] string? patience) => $"{id} {from} {limit} {patience}").Open();
        app.MapGet("/v1/by-hand", (Microsoft.AspNetCore.Http.HttpContext http) => http.Request.Query["channel"].ToString()).ReadsQuery("channel").Open();
        app.MapMethods("/v1/act", ["POST", "DELETE"], () => "done").Open();
        app.MapGet("/utility/door", () => "ok").Open();
        return app;
    }

    [Theory]
    [InlineData("/v1/window/a?from=1&limit=2&wait=3")]
    [InlineData("/v1/window/a?From=1")]
    [InlineData("/v1/window/a")]
    [InlineData("/v1/by-hand?channel=import")]
    [InlineData("/utility/door?anything=1")]
    [InlineData("/health/live?probe=1")]
    public async Task What_an_endpoint_reads_is_taken(string path)
    {
        await using var service = await ServiceApp.StartAsync(Build);
        using var client = service.Client();
        using var answer = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>What is said beside an endpoint that takes no body would be dropped; however it is sent, it is refused. Nothing asks for nothing.</summary>
    [Theory]
    [InlineData("DELETE", """{"reason":"x"}""", false, 400)]
    [InlineData("POST", """{"reason":"x"}""", true, 400)]
    [InlineData("POST", "reason=x", false, 400)]
    [InlineData("POST", " {\n} ", true, 200)]
    [InlineData("POST", "", true, 200)]
    public async Task A_body_that_nobody_reads_is_refused(string method, string body, bool inChunks, int status)
    {
        await using var service = await ServiceApp.StartAsync(Build);
        using var client = service.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), "/v1/act") { Content = new StringContent(body) };
        request.Headers.TransferEncodingChunked = inChunks;
        using var answer = await client.SendAsync(request);
        Assert.Equal((status, status == 400), ((int)answer.StatusCode, (await answer.Content.ReadAsStringAsync()).Contains("Nothing is read from a body here", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_character_that_no_store_takes_is_refused()
    {
        await using var service = await ServiceApp.StartAsync(Build);
        using var client = service.Client();
        using var answer = await client.GetAsync("/v1/window/a?from=1%00");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("NUL", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/window/a?form=1", "form", "did you mean 'from'?")]
    [InlineData("/v1/window/a?from=1&limits=2", "limits", "did you mean 'limit'?")]
    [InlineData("/v1/window/a?id=b", "id", "known are from, limit, wait")]
    [InlineData("/v1/window/a?patience=1", "patience", "known are from, limit, wait")]
    [InlineData("/v1/by-hand?chanel=import", "chanel", "did you mean 'channel'?")]
    [InlineData("/v1/open?x=1", "x", "none is read")]
    [InlineData("/v1/window/a?from=1&from=2", "from", "is given 2 times")]
    public async Task What_nobody_reads_is_refused(string path, string pointer, string says)
    {
        await using var service = await ServiceApp.StartAsync(Build);
        using var client = service.Client();
        using var answer = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var text = await answer.Content.ReadAsStringAsync();
        using var problem = JsonDocument.Parse(text);
        Assert.Equal(pointer, problem.RootElement.GetProperty("pointer").GetString());
        Assert.Contains(says, text, StringComparison.Ordinal); // as plain text: no \u0027
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }
}
