using System.Collections.Concurrent;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Service.Transport;
using NodaTime;

namespace GridServices.OpenAdr.Service.Hub;

/// <summary>Tells the hub how well each stream's VTN is heard: at once when that changes, and every half minute.</summary>
internal sealed partial class UpstreamReporter(
    HubLink hub, VenFleet fleet, Publisher publisher, IClock clock, TimeProvider time, ILogger<UpstreamReporter> log) : BackgroundService
{
    private const int MaxSitesPerReport = 20_000;
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PostTimeout = TimeSpan.FromSeconds(10);
    private static readonly Duration ReportInterval = Duration.FromSeconds(30);
    private static readonly Duration ValidFor = Duration.FromSeconds(90);
    private readonly ConcurrentDictionary<VenId, Known> _known = new();

    /// <summary>The status as last judged; null before the first look.</summary>
    public (UpstreamStatus Status, Instant Since)? StatusOf(VenId id) => _known.TryGetValue(id, out var known) ? (known.Status, known.Since) : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var due = Instant.MinValue;
        var failing = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            var now = clock.GetCurrentInstant();
            if ((Look(now) || now >= due) && hub.Http is { } http && fleet.IsLoaded)
            {
                var sent = await PostAsync(http, stoppingToken);
                if (sent is not null && !failing)
                {
                    LogUnheard(sent);
                }

                failing = sent is not null;
                due = now + (failing ? Duration.FromSeconds(5) : ReportInterval);
            }

            await Task.Delay(LookInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>True where any status changed.</returns>
    private bool Look(Instant now)
    {
        var changed = false;
        var seen = new HashSet<VenId>();
        foreach (var ven in fleet.Views)
        {
            seen.Add(ven.Id);
            var (status, detail) = UpstreamRule.Of(ven, now);
            if (!_known.TryGetValue(ven.Id, out var known) || known.Status != status)
            {
                _known[ven.Id] = new Known(status, now, detail);
                changed = true;
            }
            else if (known.Detail != detail)
            {
                _known[ven.Id] = known with { Detail = detail };
            }
        }

        foreach (var gone in _known.Keys.Where(id => !seen.Contains(id)))
        {
            changed |= _known.TryRemove(gone, out _);
        }

        return changed;
    }

    /// <returns>Null when the hub took it, otherwise why not.</returns>
    private async Task<string?> PostAsync(HttpClient http, CancellationToken ct)
    {
        var report = new UpstreamReport { Source = publisher.Source, ValidFor = ValidFor, Streams = [.. Streams()] };
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(PostTimeout);
        try
        {
            using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(report, ContractJson.Options));
            content.Headers.ContentType = new("application/json");
            using var response = await http.PostAsync(new Uri("v1/upstream-health", UriKind.Relative), content, deadline.Token);
            return response.IsSuccessStatusCode ? null : $"HTTP {(int)response.StatusCode}";
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return OneLine.Of(e.Message);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private IEnumerable<UpstreamStream> Streams() => fleet.Views
        .Where(v => v.Id.Tenant == hub.Tenant && _known.ContainsKey(v.Id))
        .SelectMany(v => v.Config.Programs.Select(p => new UpstreamStream
        {
            Stream = new StreamId("openadr", p.Stream),
            Sites = [.. v.Config.AllSites().Select(s => s.SiteId).Take(MaxSitesPerReport)],
            Status = _known[v.Id].Status,
            Since = _known[v.Id].Since,
            Detail = _known[v.Id].Detail is { Length: > 0 } detail ? detail : null,
        }));

    [LoggerMessage(EventId = 5150, Level = LogLevel.Warning, Message = "The hub did not take the report on upstream health: {Reason}")]
    private partial void LogUnheard(string reason);

    private sealed record Known(UpstreamStatus Status, Instant Since, string? Detail);
}
