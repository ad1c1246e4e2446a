using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Operations.Service.SignIn;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Live;

/// <summary>
/// <c>/live</c>: tells open pages that something of their tenant has changed; each page then fetches its own parts anew, under its reader's own rights, so that
/// nothing is told here but that there is news. Ends with the session.
/// </summary>
internal static class LiveChanges
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    // Changes that come together are one refresh.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(250);

    internal static void MapLive(this WebApplication app) => app.MapGet("/live", FollowAsync).Open().ExcludeFromDescription();

    private static async Task FollowAsync(HttpContext http, ChangeFeed feed, SessionStore sessions, IClock clock, TimeProvider time, IHostApplicationLifetime life)
    {
        if (http.SignedIn() is not { } who)
        {
            throw new RefusedException(ErrorClass.AuthnRequired, "Sign in first.");
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, life.ApplicationStopping);
        using var watch = feed.Follow(who.User.Tenant);
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        await SendAsync(http, "event: hello\ndata:\n\n", ending.Token);
        while (await sessions.FindAsync(who.SessionSha256, clock.GetCurrentInstant(), ending.Token) is not null)
        {
            if (!await WaitAsync(watch, time, ending.Token))
            {
                await SendAsync(http, ": still here\n\n", ending.Token);
                continue;
            }

            await Task.Delay(Gather, time, ending.Token);
            while (watch.Reader.TryRead(out _))
            {
            }

            watch.TakeMissed();
            await SendAsync(http, "event: changed\ndata:\n\n", ending.Token);
        }
    }

    /// <returns>False: nothing changed until the next heartbeat.</returns>
    private static async Task<bool> WaitAsync(ChangeFeed.Watch watch, TimeProvider time, CancellationToken ct)
    {
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var changed = watch.Reader.WaitToReadAsync(pause.Token).AsTask();
        var first = await Task.WhenAny(changed, Task.Delay(Heartbeat, time, pause.Token));
        await pause.CancelAsync();
        ct.ThrowIfCancellationRequested();
        return first == changed && await changed;
    }

    private static async Task SendAsync(HttpContext http, string text, CancellationToken ct)
    {
        await http.Response.WriteAsync(text, ct);
        await http.Response.Body.FlushAsync(ct);
    }
}
