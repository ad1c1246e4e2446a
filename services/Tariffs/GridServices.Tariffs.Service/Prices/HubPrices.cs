using System.Collections.Concurrent;
using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Hosting.Configuration;
using GridServices.Hosting.Hub;
using NodaTime;

namespace GridServices.Tariffs.Service.Prices;

/// <summary>Prices of a site's programs (OpenADR, IEEE 2030.5) as the hub has them; the last known ones while it is away or does not know all of them.</summary>
internal sealed class HubPrices(HubLink hub, HubPriceOptions options, IClock clock)
{
    private static readonly Duration Fresh = Duration.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, Known> known = new(StringComparer.Ordinal);

    /// <summary>The series, and what is wrong with them if they could not be asked for now.</summary>
    public async Task<(ImmutableArray<PriceSeries> Series, string? Problem)> GetSeriesAsync(string tenant, string siteId, CancellationToken ct)
    {
        if (tenant != hub.Tenant)
        {
            return ([], null);
        }

        var held = known.GetValueOrDefault(siteId, Known.Nothing);
        var asked = clock.GetCurrentInstant();

        // What was told ahead of the clock was told before it was set back: how long ago nobody knows.
        if (held.At <= asked && held.At > asked - Fresh)
        {
            return (held.Series, held.Problem);
        }

        try
        {
            var next = held.After(await FetchAsync(siteId, ct), clock.GetCurrentInstant());
            known[siteId] = next;
            return (next.Series, next.Problem);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            var since = held.Series.IsEmpty ? "prices of programs are not in the curve" : $"prices of programs are as of {held.At}";
            return (held.Series, $"the hub could not be asked ({SafeText.Line(e.Message)}): {since}");
        }
    }

    private async Task<SiteEnvelopes> FetchAsync(string siteId, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Patience);
        var authorization = options.ReadToken is { Length: > 0 } token ? $"Bearer {token}" : null;
        using var answer = await hub.Api.GetEnvelopesAsync(siteId, authorization, since: null, wait: null, deadline.Token);
        return answer.Require();
    }

    /// <summary>What the hub told.</summary>
    /// <param name="At">When.</param>
    /// <param name="Series">Of programs.</param>
    /// <param name="Problem">What may be missing.</param>
    private sealed record Known(Instant At, ImmutableArray<PriceSeries> Series, string? Problem)
    {
        public static Known Nothing { get; } = new(Instant.MinValue, [], null);

        /// <summary>A hub that does not know all that it once knew, or never heard of the site, ends no series by leaving it out.</summary>
        public Known After(SiteEnvelopes read, Instant now)
        {
            ImmutableArray<PriceSeries> stated = [.. (read.Prices ?? []).Where(p => p.Stream.Service != "tariff")];
            var doubtful = read.Incomplete is true || (read.SiteKnown is false && !Series.IsEmpty);
            return doubtful
                ? new Known(now, MergeSeries(stated), $"the hub does not know yet all that was published for site {read.SiteId}: prices of programs are the last known ones, and some may be missing")
                : new Known(now, stated, null);
        }

        private ImmutableArray<PriceSeries> MergeSeries(ImmutableArray<PriceSeries> stated) =>
            [.. Series.Concat(stated).GroupBy(StreamKey.From).Select(revisions => revisions.Last(p => p.Revision == revisions.Max(r => r.Revision)))];
    }
}

/// <summary>How prices of programs are read from the hub.</summary>
internal sealed record HubPriceOptions : ISettings
{
    public static string Section => "Hub";

    /// <summary>A controller or operator token, to read prices of programs from the hub; without it <c>Hub:Token</c> is used.</summary>
    public string? ReadToken { get; init; }

    public IEnumerable<string> Validate() => [];
}
