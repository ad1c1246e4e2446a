using System.Security.Cryptography;
using GridServices.Hosting;
using GridServices.Hosting.Storage;
using GridServices.Tariffs.Prices;
using NodaTime;

namespace GridServices.Tariffs.Service.Prices;

/// <summary>Fetches what the timetable wants; of several instances on one store, one at a time. Cut off anywhere, it goes on by what is stored.</summary>
internal sealed partial class DayAheadFetcher(DayAheadOptions options, EntsoeClient client, Store store, IClock clock, ILogger<DayAheadFetcher> log) : IRecurringJob
{
    public async Task RunAsync(CancellationToken ct)
    {
        if (options.BiddingZones.IsEmpty || string.IsNullOrEmpty(options.Token))
        {
            return;
        }

        await using var hold = await store.TryLockAsync("day-ahead", ct);
        if (hold is not null)
        {
            await PollAsync(ct);
        }
    }

    private async Task PollAsync(CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var known = await store.ReadAsync(db => PriceStore.DaysAsync(db, null, now.InZone(options.Timetable.Market).Date), ct);
        foreach (var (zone, day) in options.Timetable.Due(options.BiddingZones, known, now))
        {
            var (reply, document) = await client.FetchAsync(zone, options.Timetable.Bounds(day), ct);
            var next = options.Timetable.Following(zone, day, reply, known.GetValueOrDefault((zone.Name, day)), clock.GetCurrentInstant());
            await store.WriteAsync(
                async tx =>
                {
                    if (reply is DayAheadReply.Prices prices)
                    {
                        await PriceStore.PutAsync(tx, PriceStore.Everybody, prices.Document.Curve(zone.Name), prices.Document.Series[0].Currency);
                        await PublishedPriceStore.WakeAsync(tx, tenant: null, zone.Name, clock.GetCurrentInstant());
                    }

                    await PriceStore.SaveDayAsync(tx, next, document is null ? null : Convert.ToHexStringLower(SHA256.HashData(document)), document);
                },
                ct);
            LogFetched(zone.Name, day, next.State, next.Problem ?? "ok");
        }
    }

    [LoggerMessage(EventId = EventIds.DayAheadFetcherFetched, Level = LogLevel.Information, Message = "Day-ahead prices of {Zone} for {Day}: {State} ({Problem})")]
    private partial void LogFetched(string zone, LocalDate day, DayAheadState state, string problem);
}
