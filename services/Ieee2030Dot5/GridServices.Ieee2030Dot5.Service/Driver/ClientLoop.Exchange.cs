using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Service.Journal;

namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>Talking to the server: one request, one reply, and what it tells of the line.</summary>
internal sealed partial class ClientLoop
{
    private const int MostNotificationsWaiting = 8;
    private int _notificationsWaiting;

    /// <returns>False where too many wait already, or the loop has ended.</returns>
    public bool OfferNotification(ReadOnlyMemory<byte> body)
    {
        if (Interlocked.Increment(ref _notificationsWaiting) <= MostNotificationsWaiting && Offer(new ClientWork.Notified(body)))
        {
            return true;
        }

        Interlocked.Decrement(ref _notificationsWaiting);
        return false;
    }

    private async Task NotifyAsync(ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        Interlocked.Decrement(ref _notificationsWaiting);
        var now = _shell.Clock.GetCurrentInstant();
        _disk.Journal.Add(new JournalRow
        {
            FirstAt = now,
            LastAt = now,
            Direction = ExchangeDirection.Received,
            Method = "POST",
            Href = NotificationPath.Prefix,
            Purpose = "Notification",
            Sha256 = JournalRow.HashOf(body.Span),
            RequestBody = JournalRow.Kept(body.Span),
        });
        await ApplyAsync(new DerInput.NotificationReceived(body), patient: true, ct);
    }

    private async Task ExchangeAsync(DerNext.SendRequest request, CancellationToken ct)
    {
        var tells = request.Method is not "GET";
        if (tells)
        {
            CrashPoint.Hit("before-send");
        }

        if (await SendAsync(request, ct) is not { } exchange)
        {
            return;
        }

        CrashPoint.Hit(tells ? "after-send" : "after-receive");
        if (request.Purpose is DerPurpose.Read { Kind: NodeKind.ControlList })
        {
            CrashPoint.Hit("after-receive.controls");
        }

        _shell.Metrics.Exchanged(request, exchange);
        See(exchange);
        _disk.Journal.Add(exchange.Row);
        await ApplyAsync(exchange.Input, patient: true, ct);
    }

    /// <returns>Null where the exchange was cut because the client is being removed.</returns>
    private async Task<Exchange?> SendAsync(DerNext.SendRequest request, CancellationToken ct)
    {
        var cut = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Interlocked.Exchange(ref _exchange, cut);
        try
        {
            return await Exchange.SendAsync(_line, request, _shell.Clock, cut.Token);
        }
        catch (OperationCanceledException) when (cut.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            // Whoever took it out to cancel it may still be doing so: then it is left to the collector.
            if (Interlocked.CompareExchange(ref _exchange, null, cut) == cut)
            {
                cut.Dispose();
            }
        }
    }

    /// <summary>A step at which a test may let the process die, and the same where it publishes something.</summary>
    private static void HitStep(string name, int publications)
    {
        CrashPoint.Hit(name);
        if (publications > 0)
        {
            CrashPoint.Hit($"{name}.limits");
        }
    }

    private void See(Exchange exchange)
    {
        var now = _shell.Clock.GetCurrentInstant();
        _view = _view with
        {
            HeardAt = exchange.Problem is null ? now : _view.HeardAt,
            ClockSkew = exchange.ServerClock ?? _view.ClockSkew,
            ServerChain = _line.Trust?.Chain ?? [],
            Problem = exchange.Problem,
            ProblemSince = exchange.Problem is null ? null : _view.ProblemSince ?? now,
            Faulted = false,
        };
    }
}
