using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests.Deploy;

/// <summary>Asks for a site's limit without pause, as a controller would, and keeps every answer that a controller could take for a looser one.</summary>
internal sealed class LooserLimits : IDisposable
{
    private readonly HttpClient _http = new(TestConnections.Create());
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<string> _looser = new();
    private readonly Task _asking;
    private int _right;

    public LooserLimits(Uri site, AuthenticationHeaderValue token, string limit)
    {
        _http.DefaultRequestHeaders.Authorization = token;
        _asking = AskAsync(site, limit);
    }

    /// <summary>Ends the watch.</summary>
    public async Task<IReadOnlyList<string>> LooserAsync()
    {
        await _end.CancelAsync();
        await _asking;
        Assert.True(_right > 0, "the limit was never read");
        return [.. _looser.Distinct(StringComparer.Ordinal)];
    }

    public void Dispose()
    {
        _end.Cancel();
        _http.Dispose();
        _end.Dispose();
    }

    private async Task AskAsync(Uri site, string limit)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                using var answer = await _http.GetAsync(site, _end.Token);
                Keep(answer.StatusCode, await answer.Content.ReadAsStringAsync(_end.Token), limit);
                await Task.Delay(20, _end.Token);
            }
            catch (Exception away) when (away is HttpRequestException or OperationCanceledException)
            {
                // No answer is no limit: the controller keeps to the last one.
            }
        }
    }

    /// <summary>503: it is not known now; 404 would say that the site was never heard of.</summary>
    private void Keep(HttpStatusCode status, string body, string limit)
    {
        if (status == HttpStatusCode.OK && body == limit)
        {
            _right++;
        }
        else if (status != HttpStatusCode.ServiceUnavailable)
        {
            _looser.Enqueue($"{(int)status} {body}");
        }
    }
}
