using GridServices.Adapters.Lines;
using GridServices.Adapters.Oscp;
using GridServices.Adapters.Schedules;
using GridServices.Adapters.Service.Sites;
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
internal sealed partial class OscpLine(string name, OscpPlan plan, SiteFeed feed, SiteRules rules, TimeProvider time, ILogger log) : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PatienceWithAnswer = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestUntold = TimeSpan.FromMinutes(1);
    private readonly OscpClient client = new();
    private readonly Dictionary<ForecastType, (PowerCurve Curve, long At)> said = [];
    private readonly Lock gate = new();
    private OscpRegistration registration = OscpRegistration.Read(plan.RegistrationFile);
    private TimeSpan heartbeat = plan.Heartbeat;
    private string? owedAnswer;
    private string? owedHandshake;
    private bool owesRegistration;
    private bool awaitsRegistration;
    private volatile bool isNew;
    private bool shaken;
    private bool refusedByPeer;
    private long askedAt;
    private long beatenAt;
    private int failures;
    private string? trouble;

    /// <summary>Runs until cancelled, and then leaves what holds without us behind.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        await using var door = await OscpDoor.OpenAsync(plan.Listen, MayEnter, Take, ct);
        LogListening(log, name, plan.Address.ToString());
        while (!ct.IsCancellationRequested)
        {
            try
            {
                var fault = await StepAsync(ct);
                Report(fault);
                await (fault is null ? feed.ChangedAsync(Tick, ct) : Task.Delay(Pause, time, ct));
            }
            catch (Exception) when (ct.IsCancellationRequested)
            {
                break;
            }
        }

        feed.Untold();
        await PartAsync();
    }

    public void Dispose() => client.Dispose();

    private TimeSpan Pause => TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, Math.Min(failures, 10) - 1)));

    // The next thing that is due; what went wrong with it, or null.
    private async Task<string?> StepAsync(CancellationToken ct)
    {
        if (isNew)
        {
            (isNew, askedAt, beatenAt) = (false, 0, 0);
            said.Clear();
        }

        if (registration.PeerAddress is null || owesRegistration)
        {
            return await RegisterAsync(ct);
        }

        if (Owed(ref owedHandshake) is { } request)
        {
            return await SendAsync("handshake_acknowledge", OscpMessages.Handshake(Duration.FromTimeSpan(heartbeat)), request, ct);
        }

        return shaken ? await BeatAsync(ct) ?? await ForecastAsync(ct) : await ShakeAsync(ct);
    }

    private async Task<string?> RegisterAsync(CancellationToken ct)
    {
        var isAnswer = owesRegistration;
        var address = isAnswer && registration.PeerAddress is { } peer ? At(peer, "register") : plan.RegisterUrl;
        if (address is null || (!isAnswer && Waits()))
        {
            return null;
        }

        lock (gate)
        {
            registration.Write(plan.RegistrationFile);
            awaitsRegistration = !isAnswer;
        }

        askedAt = time.GetTimestamp();
        var token = isAnswer ? registration.PeerToken! : FirstToken();
        var fault = await client.PostAsync(address, token, OscpMessages.Register(registration.OwnToken, plan.Address), isAnswer ? Owed(ref owedAnswer) : null, ct);
        if (isAnswer && fault is null)
        {
            owesRegistration = false;
        }

        return fault;
    }

    private async Task<string?> ShakeAsync(CancellationToken ct)
    {
        if (Waits())
        {
            return null;
        }

        askedAt = time.GetTimestamp();
        return await SendAsync("handshake", OscpMessages.Handshake(Duration.FromTimeSpan(plan.Heartbeat)), null, ct);
    }

    private async Task<string?> BeatAsync(CancellationToken ct)
    {
        if (beatenAt != 0 && time.GetElapsedTime(beatenAt) < heartbeat)
        {
            return null;
        }

        var at = time.GetTimestamp();
        var fault = await SendAsync("heartbeat", OscpMessages.Heartbeat(feed.Look().View.At + Duration.FromTimeSpan(heartbeat * 3)), null, ct);
        beatenAt = fault is null ? at : beatenAt;
        return fault;
    }

    private async Task<string?> ForecastAsync(CancellationToken ct)
    {
        var (view, limits) = feed.Look();
        foreach (var type in CapacityForecast.Types)
        {
            var curve = plan.Forecast.Of(type, view, rules);
            if (said.TryGetValue(type, out var last) && curve.SaysSameAs(last.Curve, view.At) && time.GetElapsedTime(last.At) < plan.Every)
            {
                continue;
            }

            if (await SendAsync("update_group_capacity_forecast", plan.Forecast.Json(type, curve), null, ct) is { } fault)
            {
                said.Remove(type);
                return fault;
            }

            said[type] = (curve, time.GetTimestamp());
            refusedByPeer = false;
        }

        if (!refusedByPeer && time.GetElapsedTime(beatenAt) < LongestUntold)
        {
            feed.Told(limits);
        }

        return null;
    }

    private async Task PartAsync()
    {
        if (registration.PeerAddress is null || !shaken)
        {
            return;
        }

        using var late = new CancellationTokenSource(PatienceWithAnswer);
        var view = feed.Look().View;
        foreach (var type in CapacityForecast.Types)
        {
            Report(await SendAsync("update_group_capacity_forecast", plan.Forecast.Json(type, plan.Forecast.Parting(type, view, rules)), null, late.Token));
        }
    }

    private Task<string?> SendAsync(string message, string body, string? answers, CancellationToken ct) =>
        client.PostAsync(At(registration.PeerAddress!, message), registration.PeerToken!, body, answers, ct);

    private bool Waits() => askedAt != 0 && failures == 0 && time.GetElapsedTime(askedAt) < PatienceWithAnswer;

    private string FirstToken() => File.ReadLines(plan.TokenFile).FirstOrDefault()?.Trim() ?? string.Empty;

    private static Uri At(Uri address, string message) => new($"{address.ToString().TrimEnd('/')}/{message}");

    private string? Owed(ref string? request)
    {
        lock (gate)
        {
            var owed = request;
            request = null;
            return owed;
        }
    }

    private void Report(string? fault)
    {
        failures = fault is null ? 0 : failures + 1;
        if (fault is not null)
        {
            feed.Untold();
        }

        if (!string.Equals(trouble, fault, StringComparison.Ordinal))
        {
            trouble = fault;
            if (fault is not null)
            {
                LogTrouble(log, name, fault);
            }
        }
    }

    // Who is not registered yet comes with the first token, and with that to register alone.
    private bool MayEnter(string message, string token)
    {
        lock (gate)
        {
            return OscpDoor.AreSame(token, registration.OwnToken) || (message == "register" && registration.PeerToken is null && FirstToken() is { Length: > 0 } first && OscpDoor.AreSame(token, first));
        }
    }

    private string? Take(string message, string body, string? request)
    {
        lock (gate)
        {
            var fault = message switch
            {
                "register" => TakeRegistration(body, request),
                "handshake" => TakeHandshake(body, request),
                "handshake_acknowledge" or "handshake_acknowledgement" => Acknowledged(),
                "group_capacity_compliance_error" => TakeRefusal(body),
                "adjust_group_capacity_forecast" => Heard(body),
                "heartbeat" or "update_group_measurements" or "update_asset_measurements" => null,
                _ => $"{message} is no message that a capacity provider takes.",
            };
            feed.Ring();
            return fault;
        }
    }

    private string? TakeRegistration(string body, string? request)
    {
        if (OscpMessages.ReadRegistration(body, out var fault) is not { } peer)
        {
            return fault;
        }

        // Who did not ask for it first answers with a registration of his own.
        (owesRegistration, awaitsRegistration, owedAnswer) = (!awaitsRegistration, false, request);
        var with = registration.With(peer);
        with.Write(plan.RegistrationFile);
        (registration, shaken, isNew) = (with, false, true);
        LogRegistered(log, name, registration.PeerAddress!.ToString());
        return null;
    }

    private string? TakeHandshake(string body, string? request)
    {
        heartbeat = OscpMessages.HeartbeatWanted(body) is { } wanted && wanted.ToTimeSpan() < plan.Heartbeat ? wanted.ToTimeSpan() : plan.Heartbeat;
        owedHandshake = request ?? string.Empty;
        return Acknowledged();
    }

    private string? Acknowledged()
    {
        shaken = true;
        return null;
    }

    private string? TakeRefusal(string body)
    {
        refusedByPeer = true;
        feed.Untold();
        LogRefused(log, name, body.Length <= 300 ? body : body[..300]);
        return null;
    }

    private string? Heard(string body)
    {
        LogAsked(log, name, body.Length <= 300 ? body : body[..300]);
        return null;
    }

    [LoggerMessage(EventIds.OscpListening, LogLevel.Information, "{Adapter}: the flexibility provider reaches us at {Address} (OSCP 2.0)")]
    private static partial void LogListening(ILogger logger, string adapter, string address);

    [LoggerMessage(EventIds.OscpRegistered, LogLevel.Information, "{Adapter}: registered with the flexibility provider at {Address}")]
    private static partial void LogRegistered(ILogger logger, string adapter, string address);

    [LoggerMessage(EventIds.OscpTrouble, LogLevel.Warning, "{Adapter}: the flexibility provider is not reached: {Why}. It is tried again; from the time of our last heartbeat on its fallback capacities hold")]
    private static partial void LogTrouble(ILogger logger, string adapter, string why);

    [LoggerMessage(EventIds.OscpRefused, LogLevel.Warning, "{Adapter}: the flexibility provider can't keep a forecast: {Why}")]
    private static partial void LogRefused(ILogger logger, string adapter, string why);

    [LoggerMessage(EventIds.OscpAsked, LogLevel.Information, "{Adapter}: the flexibility provider asks for other capacity, which nobody here may grant: {What}")]
    private static partial void LogAsked(ILogger logger, string adapter, string what);
}
