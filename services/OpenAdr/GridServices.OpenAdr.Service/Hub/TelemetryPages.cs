using System.Runtime.CompilerServices;
using GridServices.Contracts;
using GridServices.Hosting.Hub;
using NodaTime;

namespace GridServices.OpenAdr.Service.Hub;

/// <summary>What the hub keeps of a site's readings, a page after the other; a few pages at once for all VENs together.</summary>
internal sealed class TelemetryPages(HubLink hub) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(50);
    private const int PagesAtOnce = 4;
    private readonly SemaphoreSlim _asking = new(PagesAtOnce);

    /// <summary>Readings of [from, until), oldest first.</summary>
    /// <exception cref="HttpRequestException">The hub does not answer as it should.</exception>
    public async IAsyncEnumerable<SiteReadings> ReadAsync(string site, Instant from, Instant until, [EnumeratorCancellation] CancellationToken ct)
    {
        for (SiteReadings? page = null; page is null or { Next: not null };)
        {
            page = await ReadAsync(site, from, until, page?.Next, ct);
            yield return page;
        }
    }

    public void Dispose() => _asking.Dispose();

    private async Task<SiteReadings> ReadAsync(string site, Instant from, Instant until, string? after, CancellationToken ct)
    {
        await _asking.WaitAsync(ct);
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
            deadline.CancelAfter(Deadline);
            using var answer = await hub.Api.GetTelemetryAsync(site, TimeText.Format(from), TimeText.Format(until), after, deadline.Token);

            // A site of which the hub has never heard has no past there.
            return answer.IsNotFoundAtHub() ? new SiteReadings { Items = [] } : answer.Require();
        }
        finally
        {
            _asking.Release();
        }
    }
}
