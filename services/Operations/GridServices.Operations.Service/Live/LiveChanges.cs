using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
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

    private static async Task FollowAsync(HttpContext http, ChangeFeed feed, SessionStore sessions, IClock clock, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        if (http.SignedIn() is not { } who)
        {
            throw new ProblemException(ErrorClass.AuthnRequired, "Sign in first.");
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        using var watch = feed.Subscribe(who.User.Tenant);
        var writer = new SseWriter(http, SseWriter.UsualDrainTimeout, time);
        writer.Begin();
        try
        {
            await SendAsync(writer, watch, who.SessionSha256, sessions, clock, time, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The page was left, or the service ends: both end the answer as it should.
            return;
        }
    }

    private static async Task SendAsync(SseWriter writer, ChangeFeed.Watch watch, string session, SessionStore sessions, IClock clock, TimeProvider time, CancellationToken ct)
    {
        writer.Event("hello");
        while (await writer.FlushAsync() && await sessions.FindAsync(session, clock.GetCurrentInstant(), ct) is not null)
        {
            if (!await WaitAsync(watch, time, ct))
            {
                writer.Comment("still here");
                continue;
            }

            await Task.Delay(Gather, time, ct);
            while (watch.Reader.TryRead(out _))
            {
            }

            watch.TakeMissed();
            writer.Event("changed");
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
}
