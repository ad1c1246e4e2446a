using System.Net;
using GridServices.Client.Access;
using GridServices.Contracts;
using GridServices.Tariffs.Prices;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Service.Prices;

/// <summary>The transparency platform's REST interface, as far as prices need it: document type A44 of a zone and a day.</summary>
internal sealed class EntsoeClient : IDisposable
{
    private const int MaxBody = 16 * 1024 * 1024;
    private static readonly InstantPattern Minute = InstantPattern.CreateWithInvariantCulture("uuuuMMddHHmm");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly DayAheadOptions options;
    private readonly TimeProvider time;

    // The token stands in the address, so it must never go where a redirect points.
    private readonly HttpClient http = new(new ConnectionFaultHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10), PooledConnectionLifetime = TimeSpan.FromMinutes(5) }))
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public EntsoeClient(DayAheadOptions options, TimeProvider time) => (this.options, this.time) = (options, time);

    /// <summary>Prices of [day.Start, day.End); whatever goes wrong is a reply too. The document as it came, where it was one.</summary>
    public async Task<(DayAheadReply Reply, byte[]? Document)> FetchAsync(BiddingZone zone, Interval day, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Patience);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Address(zone, day));
            request.Headers.Accept.ParseAdd("application/xml");
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            var body = await ResponseBody.ReadAsync(response.Content, MaxBody, deadline.Token);
            var reply = body is null
                ? new DayAheadReply.Failed($"the answer is larger than {MaxBody} bytes")
                : DayAheadReply.Parse((int)response.StatusCode, body, RetryAfter(response));
            return (reply, reply is DayAheadReply.Prices ? body : null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return (new DayAheadReply.Failed(e is OperationCanceledException ? $"no answer within {Patience.TotalSeconds:0} s" : $"the platform cannot be reached: {SafeText.Line(e.Message)}"), null);
        }
    }

    public void Dispose() => http.Dispose();

    private Uri Address(BiddingZone zone, Interval day) => new UriBuilder(options.Address)
    {
        Query = $"documentType=A44&in_Domain={zone.Eic}&out_Domain={zone.Eic}&periodStart={Minute.Format(day.Start)}&periodEnd={Minute.Format(day.End)}&securityToken={WebUtility.UrlEncode(options.Token)}",
    }.Uri;

    private Duration? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => Duration.FromTimeSpan(delta),
        { Date: { } date } => Duration.FromTimeSpan(date - time.GetUtcNow()),
        _ => null,
    };
}
