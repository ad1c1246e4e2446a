using GridServices.Adapters.Lines;
using GridServices.Adapters.Messages;
using GridServices.Adapters.Oscp;
using GridServices.Adapters.Schedules;
using GridServices.Adapters.Service.Sites;
using GridServices.Client;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.Adapters.Service.Oscp;

/// <summary>
/// An OSCP 2.0 capacity provider for one flexibility provider: registration, handshake, heartbeats, and forecasts of what the site may do.
/// <code>
///   not registered ──register──▶ registered ──handshake──▶ shaken ──▶ forecasts whenever they change, heartbeats
/// </code>
/// A heartbeat says when we count as gone; from then on the fallback capacities hold.
/// </summary>
internal sealed partial class OscpAdapter(string name, OscpPlan plan, SiteFeed feed, SiteRules rules, TimeProvider time, ILogger log) : IDisposable
{
    private const string ForecastMessage = "update_group_capacity_forecast";
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PatienceWithAnswer = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestUntold = TimeSpan.FromMinutes(1);
    private readonly OscpClient _client = new();
    private readonly OscpSession _contact = new(plan);
    private readonly Dictionary<ForecastType, (PowerCurve Curve, long SentAt)> taken = [];
    private readonly Dictionary<ForecastType, PowerCurve> _tried = [];
    private readonly Lock _gate = new();
    private long? _refusedAt;
    private long _askedAt;
    private long _beatenAt;
    private int _failures;
    private string? _trouble;

    /// <summary>Runs until cancelled, and then leaves what holds without us behind.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        await using var door = await OscpServer.OpenAsync(plan.Listen, _contact.IsAuthorized, new OscpUnauthorizedThrottle(name, time, log), Handle, ct);
        LogListening(log, name, plan.Address.ToString());
        try
        {
            while (!ct.IsCancellationRequested)
            {
                var fault = await StepSafelyAsync(ct);
                Report(fault);
                await (fault is null ? feed.ChangedAsync(Tick, ct) : WaitAsync(ct));
            }
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            // The orderly end.
        }
        finally
        {
            feed.MarkUnreachable();
            await ShutDownAsync();
        }
    }

    public void Dispose() => _client.Dispose();

    private TimeSpan Pause => TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, Math.Min(_failures, 10) - 1)));

    // Until the pause is over, and no longer where there is less to be told than was tried: that does not wait for what failed.
    private async Task WaitAsync(CancellationToken ct)
    {
        var (began, pause) = (time.GetTimestamp(), Pause);
        await Task.Delay(pause < ShortestPause ? pause : ShortestPause, time, ct);
        while (time.GetElapsedTime(began) < pause && !_contact.IsNew && !IsLess())
        {
            await feed.ChangedAsync(Tick, ct);
        }
    }

    private bool IsLess()
    {
        var view = feed.GetSnapshot().View;
        return _tried.Any(t => !t.Value.IsWithin(plan.Forecast.Compute(t.Key, view, rules), view.At));
    }

    private async Task<string?> StepSafelyAsync(CancellationToken ct)
    {
        try
        {
            return await StepAsync(ct);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return fault.Message;
        }
    }

    // The next thing that is due; what went wrong with it, or null.
    private async Task<string?> StepAsync(CancellationToken ct)
    {
        if (_contact.IsNew)
        {
            _contact.Begin();
            (_askedAt, _beatenAt) = (0, 0);
            taken.Clear();
            _tried.Clear();
        }

        if (_contact.Registration.PeerAddress is not { } peer)
        {
            return await RegisterAsync(ct);
        }

        if (!plan.Allows(peer))
        {
            return $"{peer} is no https address; delete Oscp:RegistrationFile and register anew with one, or set Oscp:AllowPlain to true where the network is yours alone";
        }

        if (_contact.OwedRegistration is { } registration)
        {
            return await SendPendingAsync(registration, "register", OscpMessages.Register(_contact.Registration.OwnToken, plan.Address), ct);
        }

        if (_contact.OwedHandshake is { } handshake)
        {
            return await SendPendingAsync(handshake, "handshake_acknowledge", OscpMessages.Handshake(Duration.FromTimeSpan(_contact.Heartbeat)), ct);
        }

        return _contact.IsShaken ? await ServeAsync(ct) : await HandshakeAsync(ct);
    }

    // The first token is read even where nothing is sent with it: without it nobody can come.
    private async Task<string?> RegisterAsync(CancellationToken ct)
    {
        var token = _contact.FirstToken();
        if (plan.RegisterUrl is null || Waits())
        {
            return null;
        }

        _contact.Save();
        _askedAt = time.GetTimestamp();
        return await _client.PostAsync(plan.RegisterUrl, token, OscpMessages.Register(_contact.Registration.OwnToken, plan.Address), null, ct);
    }

    private async Task<string?> SendPendingAsync(OscpPendingReply owed, string message, string body, CancellationToken ct)
    {
        var fault = await SendAsync(message, body, owed.Request, ct);
        if (fault is null)
        {
            _contact.RemovePending(owed);
        }

        return fault;
    }

    private async Task<string?> HandshakeAsync(CancellationToken ct)
    {
        if (Waits())
        {
            return null;
        }

        _askedAt = time.GetTimestamp();
        return await SendAsync("handshake", OscpMessages.Handshake(Duration.FromTimeSpan(plan.Heartbeat)), null, ct);
    }

    // A heartbeat goes out only where everything due was taken: who has not what holds now is to go to his fallback.
    private async Task<string?> ServeAsync(CancellationToken ct)
    {
        var (view, limits) = feed.GetSnapshot();
        var fault = await ForecastAsync(view, ct) ?? await SendHeartbeatAsync(ct);
        if (fault is null)
        {
            Acknowledge(limits);
        }

        return fault;
    }

    private async Task<string?> SendHeartbeatAsync(CancellationToken ct)
    {
        if (_beatenAt != 0 && time.GetElapsedTime(_beatenAt) < _contact.Heartbeat)
        {
            return null;
        }

        var at = time.GetTimestamp();
        var fault = await SendAsync("heartbeat", OscpMessages.Heartbeat(feed.GetSnapshot().View.At + Duration.FromTimeSpan(_contact.Heartbeat * 3)), null, ct);
        _beatenAt = fault is null ? at : _beatenAt;
        return fault;
    }

    // Each type, whatever became of another: one that is refused keeps none of the others back.
    private async Task<string?> ForecastAsync(SiteView view, CancellationToken ct)
    {
        List<(ForecastType Type, string Why)> faults = [];
        foreach (var type in plan.Types)
        {
            var curve = plan.Forecast.Compute(type, view, rules);
            if (taken.TryGetValue(type, out var last) && curve.IsDoneBy(last.Curve, view.At, plan.Forecast.Schedule.Margin) && time.GetElapsedTime(last.SentAt) < plan.Every)
            {
                continue;
            }

            var sentAt = time.GetTimestamp();
            _tried[type] = curve;
            taken.Remove(type);
            if (await SendAsync(ForecastMessage, plan.Forecast.Json(type, curve), null, ct) is { } why)
            {
                faults.Add((type, why));
            }
            else
            {
                taken[type] = (curve, sentAt);
            }
        }

        return faults.Count == 0 ? null : string.Join("; ", faults.GroupBy(f => f.Why, f => CapacityForecast.GetName(f.Type), StringComparer.Ordinal).Select(g => $"{g.Key} ({string.Join(", ", g)})"));
    }

    // A 204 does not undo a "can't be kept" that came after the forecast went out: only forecasts that were all sent since do.
    private void Acknowledge(SiteLimits limits)
    {
        lock (_gate)
        {
            var isKept = _refusedAt is not { } at || taken.Values.All(t => t.SentAt > at);
            if (isKept && !_contact.IsNew && _beatenAt != 0 && time.GetElapsedTime(_beatenAt) < LongestUntold)
            {
                feed.MarkAccepted(limits);
            }
        }
    }

    private async Task ShutDownAsync()
    {
        if (_contact.Registration.PeerAddress is not { } peer || !_contact.IsShaken || !plan.Allows(peer))
        {
            return;
        }

        using var late = new CancellationTokenSource(PatienceWithAnswer);
        var view = feed.GetSnapshot().View;
        try
        {
            foreach (var type in plan.Types)
            {
                Report(await SendAsync(ForecastMessage, plan.Forecast.Json(type, plan.Forecast.GetShutdownCurve(type, view, rules)), null, late.Token));
            }
        }
        catch (OperationCanceledException)
        {
            Report($"{peer} has not taken what holds without us within {PatienceWithAnswer.TotalSeconds:0} s");
        }
    }

    private Task<string?> SendAsync(string message, string body, string? answers, CancellationToken ct)
    {
        var registration = _contact.Registration;
        return _client.PostAsync(At(registration.PeerAddress!, message), registration.PeerToken!, body, answers, ct);
    }

    private bool Waits() => _askedAt != 0 && _failures == 0 && time.GetElapsedTime(_askedAt) < PatienceWithAnswer;

    private static Uri At(Uri address, string message) => new($"{address.ToString().TrimEnd('/')}/{message}");

    private void Report(string? fault)
    {
        _failures = fault is null ? 0 : _failures + 1;
        if (fault is not null)
        {
            feed.MarkUnreachable();
        }

        if (!string.Equals(_trouble, fault, StringComparison.Ordinal))
        {
            _trouble = fault;
            if (fault is not null)
            {
                LogTrouble(log, name, fault);
            }
        }
    }

    private string? Handle(OscpMessage message)
    {
        string? fault = null;
        switch (message.Name)
        {
            case "register":
                fault = HandleRegistration(message);
                break;
            case "handshake":
                _contact.HandleHandshake(message);
                break;
            case "handshake_acknowledge" or "handshake_acknowledgement":
                _contact.HandleAcknowledgement();
                break;
            case "group_capacity_compliance_error":
                HandleRefusal(message.Body);
                break;
            case "adjust_group_capacity_forecast":
                LogAsked(log, name, PeerText.Sanitize(message.Body));
                break;
            case "heartbeat" or "update_group_measurements" or "update_asset_measurements":
                break;
            default:
                return $"{message.Name} is no message that a capacity provider takes.";
        }

        feed.Wake();
        return fault;
    }

    private string? HandleRegistration(OscpMessage message)
    {
        var fault = _contact.HandleRegistration(message);
        if (fault is null)
        {
            LogRegistered(log, name, _contact.Registration.PeerAddress!.ToString());
        }

        return fault;
    }

    private void HandleRefusal(string body)
    {
        lock (_gate)
        {
            _refusedAt = time.GetTimestamp();
            feed.MarkUnreachable();
        }

        LogRefused(log, name, PeerText.Sanitize(body));
    }
}
