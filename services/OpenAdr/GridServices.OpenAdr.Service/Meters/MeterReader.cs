using System.Runtime.CompilerServices;
using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.OpenAdr.Reports;
using NodaTime;
using Refit;

namespace GridServices.OpenAdr.Service.Meters;

/// <summary>Asks the Tariffs service for the interval data of a meter, a page after the other.</summary>
internal sealed class MeterReader(TariffsLink tariffs, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>About 6 MB where the meter keeps minutes.</summary>
    private static readonly Duration Page = Duration.FromDays(62);

    private static readonly Duration OneMinute = Duration.FromMinutes(1);
    private static readonly Duration OneHour = Duration.FromHours(1);
    private readonly SemaphoreSlim _asking = new(4);

    /// <summary>The length of the meter's intervals.</summary>
    /// <exception cref="HttpRequestException">The service does not answer, does not know the meter, or says that it is another site's.</exception>
    public async Task<Duration> GetIntervalAsync(string meter, string site, CancellationToken ct)
    {
        using var answer = await CallAsync(deadline => tariffs.Api.GetMeterAsync(meter, deadline), ct);
        var seen = answer.Require();
        return seen.MeterId != meter ? throw new HttpRequestException("its answer is about another meter")
            : seen.Plan.SiteId != site ? throw new HttpRequestException($"meter '{meter}' is not at site '{site}'; name one of the channel's site")
            : seen.Plan.Interval >= OneMinute && seen.Plan.Interval <= OneHour ? seen.Plan.Interval
            : throw new HttpRequestException($"its answer says that meter '{meter}' keeps intervals of {TimeText.Format(seen.Plan.Interval)}");
    }

    /// <summary>The intervals that start in [from, until), oldest first; those that are not known are not among them.</summary>
    /// <exception cref="HttpRequestException">The service does not answer, or with something else.</exception>
    public async IAsyncEnumerable<MeterInterval> ReadAsync(string meter, Duration interval, Instant from, Instant until, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var at = from; at < until; at += Page)
        {
            var end = Instant.Min(at + Page, until);
            var net = await RowsAsync(meter, at, end, "net", ct);
            var export = await RowsAsync(meter, at, end, "export", ct);
            foreach (var start in net.Keys.Union(export.Keys).Order())
            {
                IntervalRow? drawn = net.TryGetValue(start, out var n) ? n : null;
                IntervalRow? fed = export.TryGetValue(start, out var e) ? e : null;
                yield return new MeterInterval(start, interval, drawn?.Kw, fed?.Kw, export.Count > 0, drawn?.IsEstimated == true || fed?.IsEstimated == true);
            }
        }
    }

    public void Dispose() => _asking.Dispose();

    private async Task<Dictionary<Instant, IntervalRow>> RowsAsync(string meter, Instant from, Instant until, string channel, CancellationToken ct)
    {
        using var answer = await CallAsync(deadline => tariffs.Api.GetIntervalsAsync(meter, TimeText.Format(from), TimeText.Format(until), channel, deadline), ct);

        // A page in between may say 200 to everything.
        return answer is { IsSuccessful: true, ContentHeaders.ContentType.MediaType: not "text/csv" }
            ? throw new HttpRequestException("its answer is not CSV, so it is not the Tariffs service's")
            : IntervalCsv.Read(answer.Require(), from, until).ToDictionary(r => r.Start);
    }

    private async Task<ApiResponse<T>> CallAsync<T>(Func<CancellationToken, Task<ApiResponse<T>>> ask, CancellationToken ct)
    {
        await _asking.WaitAsync(ct);
        try
        {
            using var late = new CancellationTokenSource(Deadline, time);
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
            return await ask(deadline.Token);
        }
        finally
        {
            _asking.Release();
        }
    }
}
