using System.Collections.Concurrent;
using System.Text.Json;
using GridServices.Operations.Notifications;
using GridServices.Operations.Service.Clients;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Notify;

/// <summary>What is told of the other services' own lists: messages that the hub refused for good, and billing runs. Asked in each round of the job; what can't be read says nothing new.</summary>
internal sealed class PolledNotices(ServiceCalls calls, IOpenAdrApi openAdr, IIeee2030Dot5Api ieee, ITariffsApi tariffs, IClock clock)
{
    private const int MostRuns = 100;
    private readonly ConcurrentDictionary<string, IReadOnlyList<Notice>> _latest = new(StringComparer.Ordinal);

    internal IReadOnlyList<Notice> GetLatest(string tenant) => _latest.GetValueOrDefault(tenant) ?? [];

    internal async Task PollAsync(string tenant, CancellationToken ct)
    {
        var runs = calls.CallAsync(ServiceName.Tariffs, tenant, token => tariffs.ListRunsAsync(token, null, MostRuns, ct), ct);
        var parked = await Task.WhenAll(
            ParkedAsync("openadr", calls.CallAsync(ServiceName.OpenAdr, tenant, token => openAdr.GetOutboxAsync(token, ct), ct)),
            ParkedAsync("ieee2030-5", calls.CallAsync(ServiceName.Ieee2030Dot5, tenant, token => ieee.GetOutboxAsync(token, ct), ct)),
            ParkedAsync("tariffs", calls.CallAsync(ServiceName.Tariffs, tenant, token => tariffs.GetOutboxAsync(token, ct), ct)));
        var reply = await runs;
        _latest[tenant] = [.. parked.OfType<Notice>(), .. reply.IsDone ? ServiceCalls.Page(reply.Value).Items.Select(ReadRun).OfType<Notice>() : []];
    }

    private async Task<Notice?> ParkedAsync(string service, Task<ServiceReply<JsonElement>> call)
    {
        var reply = await call;
        if (!reply.IsDone || reply.Value.GetProperty("parked").GetInt32() is var count && count == 0)
        {
            return null;
        }

        var oldest = reply.Value.GetProperty("parkedItems").EnumerateArray().Select(i => At(i, "parkedAt")).OfType<Instant>().Cast<Instant?>().Min();
        return OfficeNotices.OutboxParked(service, count, oldest ?? clock.GetCurrentInstant());
    }

    /// <summary>Null: it goes on.</summary>
    private static Notice? ReadRun(JsonElement run) => At(run, "finishedAt") is not { } ended ? null
        : OfficeNotices.BillingRun(run.GetProperty("runId").GetString()!, Number(run, "done"), Number(run, "failed"), ended);

    private static int Number(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : 0;

    private static Instant? At(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && InstantPattern.ExtendedIso.Parse(value.GetString()!) is { Success: true, Value: var at } ? at : null;
}
