using System.Collections.Concurrent;
using System.Text.Json;
using GridServices.Operations.Notifications;
using GridServices.Operations.Service.Clients;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Notify;

/// <summary>What is told of the other services' own lists: messages that the hub refused for good, and billing runs. Asked in each round of the job; a service that is away says nothing new.</summary>
internal sealed class PolledNotices(ServiceCalls calls, IOpenAdrApi openAdr, IIeee2030Dot5Api ieee, ITariffsApi tariffs, IClock clock)
{
    private const int MostRuns = 100;
    private readonly ConcurrentDictionary<string, IReadOnlyList<Notice>> _latest = new(StringComparer.Ordinal);

    internal IReadOnlyList<Notice> GetLatest(string tenant) => _latest.GetValueOrDefault(tenant) ?? [];

    /// <exception cref="AggregateException">A service answered something else than its list; what the others say is read.</exception>
    internal async Task PollAsync(string tenant, CancellationToken ct)
    {
        var (faults, found) = (new RunFaults(ct), new ConcurrentQueue<Notice>());
        await Task.WhenAll(
            ParkedAsync("openadr", () => calls.CallAsync(ServiceName.OpenAdr, tenant, token => openAdr.GetOutboxAsync(token, ct), ct)),
            ParkedAsync("ieee2030-5", () => calls.CallAsync(ServiceName.Ieee2030Dot5, tenant, token => ieee.GetOutboxAsync(token, ct), ct)),
            ParkedAsync("tariffs", () => calls.CallAsync(ServiceName.Tariffs, tenant, token => tariffs.GetOutboxAsync(token, ct), ct)),
            PartAsync(
                "the runs of tariffs",
                () => calls.CallAsync(ServiceName.Tariffs, tenant, token => tariffs.ListRunsAsync(token, null, MostRuns, ct), ct),
                page => ServiceCalls.Page(page).Items.Select(ReadRun)));
        _latest[tenant] = [.. found];
        faults.ThrowIfAny();

        Task ParkedAsync(string service, Func<Task<ServiceReply<JsonElement>>> call) => PartAsync($"the outbox of {service}", call, outbox => [ReadParked(service, outbox)]);

        Task PartAsync(string what, Func<Task<ServiceReply<JsonElement>>> call, Func<JsonElement, IEnumerable<Notice?>> read) => faults.IsolateAsync(what, async () =>
        {
            foreach (var notice in await call() is { IsDone: true } reply ? read(reply.Value).OfType<Notice>() : [])
            {
                found.Enqueue(notice);
            }
        });
    }

    /// <exception cref="JsonException">The answer is no outbox's: how many are parked is not known.</exception>
    private Notice? ReadParked(string service, JsonElement outbox)
    {
        if (Find(outbox, "parked") is not { ValueKind: JsonValueKind.Number } parked || !parked.TryGetInt32(out var count))
        {
            throw new JsonException($"it does not say how many messages are parked: {ServiceReply.Foreign}");
        }

        var items = Find(outbox, "parkedItems") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().ToArray() : [];
        var oldest = items.Select(i => At(i, "parkedAt")).OfType<Instant>().Cast<Instant?>().Min();
        return count == 0 ? null : OfficeNotices.OutboxParked(service, count, oldest ?? clock.GetCurrentInstant());
    }

    /// <summary>Null: it goes on, or has no name.</summary>
    private static Notice? ReadRun(JsonElement run) => At(run, "finishedAt") is { } ended && Find(run, "runId") is { ValueKind: JsonValueKind.String } id
        ? OfficeNotices.BillingRun(id.GetString()!, Number(run, "done"), Number(run, "failed"), ended)
        : null;

    private static JsonElement? Find(JsonElement item, string name) => item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) ? value : null;

    private static int Number(JsonElement item, string name) => Find(item, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) ? number : 0;

    private static Instant? At(JsonElement item, string name) =>
        Find(item, name) is { ValueKind: JsonValueKind.String } value && InstantPattern.ExtendedIso.Parse(value.GetString()!) is { Success: true, Value: var at } ? at : null;
}
