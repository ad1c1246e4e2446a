using GridServices.Hosting;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Registration;

namespace GridServices.OpenAdr.Service.Driver;

/// <summary>Talking to the VTN: one request, one reply, and what it tells of the line.</summary>
internal sealed partial class VenLoop
{
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(5);

    private async Task ExchangeAsync(VenNext.SendRequest request, CancellationToken ct)
    {
        var isAnswer = request.Purpose is not (Owed.Poll or Owed.QueryRegistration or Owed.Register or Owed.RequestEvents);
        if (isAnswer)
        {
            CrashPoint.Hit("before-ack-send");
        }

        if (await SendAsync(request, ct) is not { } exchange)
        {
            return;
        }

        CrashPoint.Hit(isAnswer ? "after-ack" : "after-receive");
        _shell.Metrics.Exchanged(request, exchange);
        See(request, exchange);
        foreach (var row in exchange.Rows)
        {
            _disk.Journal.Add(row);
        }

        await ApplyAsync(exchange.Input, patient: true, ct);
    }

    /// <returns>Null where the exchange was cut because the VEN is being removed; what it was about is still owed.</returns>
    private async Task<Exchange?> SendAsync(VenNext.SendRequest request, CancellationToken ct)
    {
        var cut = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Interlocked.Exchange(ref _exchange, cut);
        try
        {
            return await _shell.Exchanges.SendAsync(_line, request, cut.Token);
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

    private void See(VenNext.SendRequest request, Exchange exchange)
    {
        var now = _shell.Clock.GetCurrentInstant();
        var isLine = request.Purpose is Owed.Poll or Owed.RequestEvents or Owed.Register or Owed.QueryRegistration;

        // One message that the VTN doesn't take is told in VenCondition.failing; the line itself has a problem when polls or registrations fail.
        var problem = exchange.Problem is not null ? (isLine ? exchange.Problem : _view.Problem)
            : isLine || request.Purpose is Owed.CancelRegistration ? null
            : _view.Problem;
        _view = _view with
        {
            HeardAt = exchange.Heard ? now : _view.HeardAt,
            EventsHeardAt = exchange.Heard && isLine ? now : _view.EventsHeardAt,
            PolledAt = exchange.Heard && request.Message is OadrPoll ? now : _view.PolledAt,
            ClockSkew = exchange.VtnClock ?? _view.ClockSkew,
            Problem = problem,
            ProblemSince = problem is null ? null : _view.ProblemSince ?? now,
            VtnSigns = exchange.IsSigned || (_view.VtnSigns && !exchange.Heard),
            Faulted = false,
        };
    }

    /// <summary>Cancels the registration if the VTN answers soon; a VTN that doesn't can't hold a VEN in being.</summary>
    private async Task SayGoodbyeAsync(CancellationToken ct)
    {
        if (_state.Registration is null)
        {
            return;
        }

        await ApplyAsync(new VenInput.OperatorAction(VenAction.CancelRegistration), patient: false, ct);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(GoodbyeTime);
        try
        {
            while (!patience.IsCancellationRequested && _state.Registration is not null && Ven.Next(_config, _state, _shell.Clock.GetCurrentInstant()) is VenNext.SendRequest request)
            {
                await ExchangeAsync(request, patience.Token);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            LogGoodbyeUnheard(Id);
        }
    }
}
