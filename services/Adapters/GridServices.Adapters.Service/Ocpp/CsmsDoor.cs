using System.Net.Http.Headers;
using System.Text;
using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Schedules;
using NodaTime;

namespace GridServices.Adapters.Service.Ocpp;

/// <summary>Hands profiles to the charge-station system.</summary>
internal sealed class CsmsDoor(CsmsPlan plan, ChargingProfile profile) : IDisposable
{
    private static readonly Duration TenYears = Duration.FromDays(3_650);
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(3) })
    {
        MaxResponseContentBufferSize = 65_536,
    };

    private readonly Lock _gate = new();
    private Instant _lastEnd = Instant.MinValue;

    /// <summary>Sends it; what became of it so far. Throws nothing but cancellation.</summary>
    /// <param name="station">Who is told.</param>
    /// <param name="curve">What it may do.</param>
    /// <param name="now">The present.</param>
    /// <param name="answersTo">Where the station's answer is to come to; null: it is the system's.</param>
    /// <param name="ct">Ends the wait: it may have been sent, or not.</param>
    public async Task<ProfileAnswer> SendAsync(ChargingStation station, PowerCurve curve, Instant now, Uri? answersTo, CancellationToken ct)
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
            using var request = new HttpRequestMessage(HttpMethod.Post, AddressOf(station, answersTo))
            {
                Content = new StringContent(profile.Json(station, curve, End(now)), Encoding.UTF8, "application/json"),
            };
            if (token is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            using var answer = await http.SendAsync(request, ct);
            return ProfileAnswer.OfSystem((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(ct), isStations: !plan.WantsAnswers);
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

    public void Dispose() => http.Dispose();

    // CitrineOS takes a second profile of a level and purpose only if it ends later than the first, those of other stations among them.
    private Instant End(Instant now)
    {
        lock (_gate)
        {
            var next = Instant.FromUnixTimeMilliseconds((now + TenYears).ToUnixTimeMilliseconds());
            _lastEnd = next > _lastEnd ? next : _lastEnd + Duration.FromMilliseconds(1);
            return _lastEnd;
        }
    }

    private Uri AddressOf(ChargingStation station, Uri? answersTo) => new(plan.Address.ToString().TrimEnd('/') + plan.Path
        .Replace(CsmsPlan.StationMark, Uri.EscapeDataString(station.Id), StringComparison.Ordinal)
        .Replace(CsmsPlan.AnswersMark, Uri.EscapeDataString(answersTo?.ToString() ?? string.Empty), StringComparison.Ordinal));
}
