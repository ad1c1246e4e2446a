using GridServices.Client.Access;
using GridServices.Contracts;
using GridServices.Tariffs.Midas;
using GridServices.Tariffs.Service.Prices;
using NodaTime;

namespace GridServices.Tariffs.Service.Midas;

/// <summary>MIDAS 2.0 as far as reading needs it: GET /ValueData of one signal, as JSON.</summary>
internal sealed class MidasClient(MidasOptions options, TimeProvider time) : IDisposable
{
    private const int MaxBody = 16 * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient http = new(new ConnectionFaultHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10), PooledConnectionLifetime = TimeSpan.FromMinutes(5) }))
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>The signal's values of 72 hours; whatever goes wrong is a reply too.</summary>
    public async Task<MidasReply> FetchAsync(MidasSignal signal, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Patience);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, options.Address(signal));
            request.Headers.Accept.ParseAdd("application/json");
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            return await ResponseBody.ReadAsync(response.Content, MaxBody, deadline.Token) is { } body
                ? MidasReply.Parse(signal, (int)response.StatusCode, body, RetryAfter(response))
                : new MidasReply.Failed($"the answer is larger than {MaxBody} bytes");
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return new MidasReply.Failed(e is OperationCanceledException ? $"no answer within {Patience.TotalSeconds:0} s" : $"MIDAS cannot be reached: {SafeText.Line(e.Message)}");
        }
    }

    public void Dispose() => http.Dispose();

    private Duration? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => Duration.FromTimeSpan(delta),
        { Date: { } date } => Duration.FromTimeSpan(date - time.GetUtcNow()),
        _ => null,
    };
}
