using GridServices.Hosting;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Journal;
using GridServices.Ieee2030Dot5.Service.Telemetry;

namespace GridServices.Ieee2030Dot5.Service.Notifications;

/// <summary>Takes a notification in, whichever way it came: answered once the client has it.</summary>
internal sealed class NotificationReceiver(SteadyClock clock, ClientMetrics metrics)
{
    public const string LaterWords = "The notification can't be taken in now; send it again.";

    /// <summary>A client that waits for its server's reply takes nothing in meanwhile; the notification is applied later, and sent again it does no harm.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(20);

    /// <returns>True once it is applied and, where it must be, on disk; false: it is to be sent again.</returns>
    public async Task<bool> HandleAsync(ClientLoop client, ReadOnlyMemory<byte> body)
    {
        var taken = client.SubmitReceivedAsync(new DerInput.NotificationReceived(body), ExchangeRow.Notification(body.Span, clock.GetCurrentInstant()));
        var outcome = await OutcomeAsync(taken);
        metrics.Notified(outcome);
        if (outcome != "taken")
        {
            return false;
        }

        CrashPoint.Hit("before-notification-answer");
        return true;
    }

    private static async Task<string> OutcomeAsync(Task<bool> taken)
    {
        try
        {
            return await taken.WaitAsync(AnswerTime) ? "taken" : "busy";
        }
        catch (TimeoutException)
        {
            // Its fault, if it has one, is seen by the server's next try.
            _ = taken.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            return "busy";
        }
        catch (Exception e) when (e is StoreUnavailableException or ProblemException)
        {
            return "unavailable";
        }
    }
}
