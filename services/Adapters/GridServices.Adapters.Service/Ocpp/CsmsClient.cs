using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Schedules;
using GridServices.Client.Access;
using NodaTime;

namespace GridServices.Adapters.Service.Ocpp;

/// <summary>Hands profiles to the charge-station system.</summary>
/// <param name="plan">The system.</param>
/// <param name="profile">What is written.</param>
/// <param name="patience">So long the system may take for one.</param>
/// <param name="time">Measures it.</param>
/// <param name="lastSent">No profile was sent later by those that went before; null: none was sent.</param>
internal sealed class CsmsClient(CsmsPlan plan, ChargingProfile profile, TimeSpan patience, TimeProvider time, Instant? lastSent) : IDisposable
{
    private static readonly Duration TenYears = Duration.FromDays(3_650);
    private readonly HttpClient http = new(new ConnectionFaultHandler(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(3) }))
    {
        MaxResponseContentBufferSize = 65_536,
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, int> _silentTo = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Instant _lastEnd = lastSent is { } sent ? ComputeEnd(sent) : Instant.MinValue;
    private int _silences;

    // CitrineOS takes a second profile of a level and purpose only if it ends later than the first, those of other stations among them: one after the other, so that none overtakes.
    private bool IsOneByOne => plan.WantsAnswers && profile.Version != OcppVersion.V16;

    /// <summary>Counts up with each profile to which the system said nothing: 0 where it answered to this station's last, else higher the later its silence was.</summary>
    public int SilenceTo(ChargingStation station) => _silentTo.GetValueOrDefault(station.Id);

    /// <summary>Sends it, where that must be so after those before it; what became of it so far. Throws nothing but cancellation.</summary>
    /// <param name="station">Who is told.</param>
    /// <param name="curve">What it may do.</param>
    /// <param name="now">The present.</param>
    /// <param name="answersTo">Where the station's answer is to come to; null: it is the system's.</param>
    /// <param name="goes">Asked when its turn has come: false where it is not to be sent any more.</param>
    /// <param name="ct">Ends the wait: it may have been sent, or not.</param>
    public async Task<ProfileAnswer> SendAsync(ChargingStation station, PowerCurve curve, Instant now, Uri? answersTo, Func<bool> goes, CancellationToken ct)
    {
        // The place in the queue is taken in the order of the calls; all else comes later, for the caller may hold a lock.
        var (silences, turn) = (Volatile.Read(ref _silences), IsOneByOne ? _turn.WaitAsync(ct) : Task.CompletedTask);
        await Task.Yield();
        try
        {
            await turn;
        }
        catch (OperationCanceledException)
        {
            return new ProfileAnswer(ProfileOutcome.NotSent, "its turn did not come before the end");
        }

        try
        {
            return IsOneByOne && silences != Volatile.Read(ref _silences)
                ? new ProfileAnswer(ProfileOutcome.NotSent, $"the charge-station system {plan.Address} has not answered to the profile before it")
                : !goes() ? new ProfileAnswer(ProfileOutcome.NotSent, "it was to have another before its turn came")
                : await SendPatientlyAsync(station, curve, now, answersTo, ct);
        }
        finally
        {
            if (IsOneByOne)
            {
                _turn.Release();
            }
        }
    }

    /// <summary>Asks a station, through the system, to hold a profile of ours no longer; what became of that so far. Throws nothing but cancellation.</summary>
    /// <param name="station">Its identity.</param>
    /// <param name="profileId">Of the profile that it was told.</param>
    /// <param name="answersTo">Where the station's answer is to come to; null: it is the system's.</param>
    /// <param name="ct">Ends the wait: it may have been asked, or not.</param>
    public async Task<ProfileAnswer> ClearAsync(string station, int profileId, Uri? answersTo, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            return await PostAsync(BuildAddress(plan.ClearPath!, station, answersTo), (profile with { Id = profileId }).ClearJson(), ReadClearing, either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return new ProfileAnswer(ProfileOutcome.Unknown, $"the charge-station system has not answered within {patience.TotalSeconds:0} s");
        }
    }

    public void Dispose()
    {
        http.Dispose();
        _turn.Dispose();
    }

    // Who waits for a system that hangs is not sent one after the other once it is back: what is to be told may be another by then.
    private async Task<ProfileAnswer> SendPatientlyAsync(ChargingStation station, PowerCurve curve, Instant now, Uri? answersTo, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            var answer = await SendNowAsync(station, curve, now, answersTo, either.Token);
            _silentTo.TryRemove(station.Id, out _);
            return answer;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            _silentTo[station.Id] = Interlocked.Increment(ref _silences);
            return new ProfileAnswer(ProfileOutcome.Unknown, $"the charge-station system has not answered within {patience.TotalSeconds:0} s");
        }
    }

    private Task<ProfileAnswer> SendNowAsync(ChargingStation station, PowerCurve curve, Instant now, Uri? answersTo, CancellationToken ct) => PostAsync(
        BuildAddress(plan.Path, station.Id, answersTo), profile.Json(station, curve, End(now)), (status, body) => ProfileAnswer.FromSystem(status, body, isStations: !plan.WantsAnswers), ct);

    private ProfileAnswer ReadClearing(int status, string body)
    {
        var answer = ProfileAnswer.FromSystem(status, body, isStations: !plan.WantsAnswers);
        return !plan.WantsAnswers && status is >= 200 and < 300 ? ProfileAnswer.FromClearing(body) : answer;
    }

    private async Task<ProfileAnswer> PostAsync(Uri address, string json, Func<int, string, ProfileAnswer> read, CancellationToken ct)
    {
        string? token;
        try
        {
            token = plan.TokenFile is { } file ? (await File.ReadAllLinesAsync(file, ct)).FirstOrDefault()?.Trim() : null;
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            return new ProfileAnswer(ProfileOutcome.NotSent, $"Csms:TokenFile can't be read: {unread.Message}");
        }

        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
            if (token is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            using var answer = await http.SendAsync(request, ct);
            return read((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(ct));
        }
        catch (OperationCanceledException fault) when (fault.InnerException is TimeoutException && !ct.IsCancellationRequested)
        {
            // A connection that takes too long is told so by .NET; there is no other limit of time, so that nothing was sent.
            return new ProfileAnswer(ProfileOutcome.NotSent, $"the charge-station system {plan.Address} can't be reached: {fault.InnerException.Message}");
        }
        catch (HttpRequestException fault) when (fault.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError)
        {
            return new ProfileAnswer(ProfileOutcome.NotSent, $"the charge-station system {plan.Address} can't be reached: {fault.Message}");
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            return new ProfileAnswer(ProfileOutcome.Unknown, $"the charge-station system {plan.Address} does not answer: {fault.Message}");
        }
    }

    private Instant End(Instant now)
    {
        lock (_gate)
        {
            var next = ComputeEnd(now);
            _lastEnd = next > _lastEnd ? next : _lastEnd + Duration.FromMilliseconds(1);
            return _lastEnd;
        }
    }

    private static Instant ComputeEnd(Instant now) => Instant.FromUnixTimeMilliseconds((now + TenYears).ToUnixTimeMilliseconds());

    private Uri BuildAddress(string path, string station, Uri? answersTo) => new(plan.Address.ToString().TrimEnd('/') + path
        .Replace(CsmsPlan.StationMark, Uri.EscapeDataString(station), StringComparison.Ordinal)
        .Replace(CsmsPlan.AnswersMark, Uri.EscapeDataString(answersTo?.ToString() ?? string.Empty), StringComparison.Ordinal));
}
