using System.Collections.Concurrent;
using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Hosting;
using NodaTime;

namespace GridServices.Tariffs.Service.Prices;

/// <summary>Prices of a site's programs (OpenADR, IEEE 2030.5) as the hub has them; the last known ones while it is away.</summary>
internal sealed class HubPrices(HubLink hub, HubPriceOptions options, IClock clock)
{
    private static readonly Duration Fresh = Duration.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, (Instant At, ImmutableArray<PriceSeries> Series)> known = new(StringComparer.Ordinal);

    /// <summary>The series, and what is wrong with them if they could not be asked for now.</summary>
    public async Task<(ImmutableArray<PriceSeries> Series, string? Problem)> OfAsync(string tenant, string siteId, CancellationToken ct)
    {
        if (tenant != hub.Tenant)
        {
            return ([], null);
        }

        var held = known.GetValueOrDefault(siteId);
        if (held.At > clock.GetCurrentInstant() - Fresh)
        {
            return (held.Series, null);
        }

        try
        {
            var series = await AskAsync(siteId, ct);
            known[siteId] = (clock.GetCurrentInstant(), series);
            return (series, null);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            var since = held.Series.IsDefaultOrEmpty ? "prices of programs are not in the curve" : $"prices of programs are as of {held.At}";
            return (held.Series.IsDefault ? [] : held.Series, $"the hub could not be asked ({SafeText.Line(e.Message)}): {since}");
        }
    }

    private async Task<ImmutableArray<PriceSeries>> AskAsync(string siteId, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Patience);
        var authorization = options.ReadToken is { Length: > 0 } token ? $"Bearer {token}" : null;
        using var answer = await hub.Api.GetEnvelopesAsync(siteId, authorization, since: null, wait: null, deadline.Token);
        return [.. (answer.Require().Prices ?? []).Where(p => p.Stream.Service != "tariff")];
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
