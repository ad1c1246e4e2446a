using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting;
using NodaTime;

namespace GridServices.Tariffs.Service.Prices;

/// <summary>Prices of a site's programs (OpenADR, IEEE 2030.5) as the hub has them; the last known ones while it is away.</summary>
internal sealed class HubPrices(HubLink hub, IConfiguration configuration, IClock clock)
{
    private static readonly Duration Fresh = Duration.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, (Instant At, ImmutableArray<PriceSeries> Series)> known = new(StringComparer.Ordinal);

    /// <summary>The series, and what is wrong with them if they could not be asked for now.</summary>
    public async Task<(ImmutableArray<PriceSeries> Series, string? Problem)> OfAsync(string tenant, string siteId, CancellationToken ct)
    {
        if (hub.Http is not { } http || tenant != hub.Tenant)
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
            var series = await AskAsync(http, siteId, ct);
            known[siteId] = (clock.GetCurrentInstant(), series);
            return (series, null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            var since = held.Series.IsDefaultOrEmpty ? "prices of programs are not in the curve" : $"prices of programs are as of {held.At}";
            return (held.Series.IsDefault ? [] : held.Series, $"the hub could not be asked ({SafeText.Line(e.Message)}): {since}");
        }
    }

    private async Task<ImmutableArray<PriceSeries>> AskAsync(HttpClient http, string siteId, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Patience);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"v1/sites/{siteId}/envelopes");
        if (configuration["Hub:ReadToken"] is { Length: > 0 } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        using var response = await http.SendAsync(request, deadline.Token);
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync(deadline.Token);
        var site = await JsonSerializer.DeserializeAsync<SiteEnvelopes>(body, ContractJson.Options, deadline.Token);
        return [.. (site?.Prices ?? []).Where(p => p.Stream.Service != "tariff")];
    }
}
