using System.Collections.Concurrent;
using System.Text;
using GridServices.Operations.Notifications;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GridServices.Operations.Service.Tests.Notify;

/// <summary>Somebody's HTTP server that is told what happens, and can refuse.</summary>
internal sealed class WebhookTarget : IAsyncDisposable
{
    private readonly WebApplication _app;

    /// <summary>The setting that lets webhooks reach this machine.</summary>
    public const string Allowed = "--Notify:Webhooks:AllowedNetworks=127.0.0.0/8";

    private WebhookTarget(WebApplication app) => _app = app;

    public ConcurrentQueue<(string Signature, string Delivery, byte[] Body)> Received { get; } = new();

    public int Status { get; set; } = StatusCodes.Status204NoContent;

    /// <summary>What it waits for before it answers.</summary>
    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

    public string Url => $"{_app.Urls.First()}/hook";

    public static async Task<WebhookTarget> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var target = new WebhookTarget(app);
        app.MapPost("/hook", async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            target.Received.Enqueue((http.Request.Headers[WebhookSignature.Header].ToString(), http.Request.Headers["GridServices-Delivery"].ToString(), body.ToArray()));
            await target.Before();
            http.Response.StatusCode = target.Status;
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return target;
    }

    public IEnumerable<string> Bodies => Received.Select(r => Encoding.UTF8.GetString(r.Body));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
