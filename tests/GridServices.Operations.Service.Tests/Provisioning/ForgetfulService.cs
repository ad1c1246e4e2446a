using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GridServices.Operations.Service.Tests.Provisioning;

/// <summary>Keeps documents as OpenAdr and Tariffs do; what it does may be lost on its way back, or refused.</summary>
internal sealed class ForgetfulService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ForgetfulService(WebApplication app) => _app = app;

    /// <summary>What is there, by path.</summary>
    public ConcurrentDictionary<string, string> Documents { get; } = new(StringComparer.Ordinal);

    /// <summary>What came, such as <c>PUT /v1/vens/site-1</c>; without reads.</summary>
    public ConcurrentQueue<string> Received { get; } = new();

    /// <summary>Requests that are done, and whose answer is lost.</summary>
    public HashSet<string> Lost { get; } = new(StringComparer.Ordinal);

    /// <summary>Requests that are refused.</summary>
    public HashSet<string> Refused { get; } = new(StringComparer.Ordinal);

    public string[] Arguments => [.. new[] { "OpenAdr", "Tariffs" }.SelectMany(name => new[] { $"--Services:{name}:Url={_app.Urls.First()}", $"--Services:{name}:Token=x" })];

    public static async Task<ForgetfulService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var service = new ForgetfulService(app);
        app.Run(service.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return service;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var (path, request) = (http.Request.Path.Value!, $"{http.Request.Method} {http.Request.Path.Value}");
        if (!HttpMethods.IsGet(http.Request.Method))
        {
            Received.Enqueue(request);
        }

        if (Refused.Contains(request))
        {
            await ProblemAsync(http, StatusCodes.Status422UnprocessableEntity);
            return;
        }

        await ChangeAsync(http, path);
        if (Lost.Contains(request))
        {
            http.Abort();
        }
        else if (HttpMethods.IsDelete(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        else if (Documents.TryGetValue(path, out var document))
        {
            http.Response.Headers.ETag = $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(document)))}\"";
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync($$"""{ "config": {{document}}, "plan": {{document}} }""");
        }
        else
        {
            await ProblemAsync(http, StatusCodes.Status404NotFound);
        }
    }

    private async Task ChangeAsync(HttpContext http, string path)
    {
        if (HttpMethods.IsPut(http.Request.Method))
        {
            using var reader = new StreamReader(http.Request.Body);
            Documents[path] = await reader.ReadToEndAsync(http.RequestAborted);
        }
        else if (HttpMethods.IsDelete(http.Request.Method))
        {
            Documents.TryRemove(path, out _);
        }
    }

    private static Task ProblemAsync(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/problem+json";
        return http.Response.WriteAsync($$"""{ "type": "urn:gridservices:problem:of-a-test", "title": "no", "status": {{status}}, "detail": "no" }""");
    }
}
