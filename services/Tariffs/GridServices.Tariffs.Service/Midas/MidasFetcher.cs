using System.Collections.Immutable;
using System.Data.Common;
using GridServices.Hosting;
using GridServices.Tariffs.Intensity;
using GridServices.Tariffs.Midas;
using GridServices.Tariffs.Service.Intensity;
using GridServices.Tariffs.Service.Meters;
using GridServices.Tariffs.Service.Prices;
using NodaTime;

namespace GridServices.Tariffs.Service.Midas;

/// <summary>Fetches the signals that are due; of several instances on one store, one at a time. Each value is stored for its own time alone.</summary>
internal sealed partial class MidasFetcher(MidasOptions options, MidasClient client, Store store, IClock clock, ILogger<MidasFetcher> log) : IRecurringJob
{
    private const string Dollars = "USD";

    public async Task RunAsync(CancellationToken ct)
    {
        if (options.Signals.IsEmpty)
        {
            return;
        }

        await using var hold = await store.TryHoldAsync("midas", ct);
        if (hold is null)
        {
            return;
        }

        var known = (await store.ReadAsync(MidasStore.AllAsync, ct)).ToDictionary(s => s.Signal);
        foreach (var signal in options.Signals.Where(s => MidasTimetable.IsDue(known.GetValueOrDefault(s), clock.GetCurrentInstant())))
        {
            await FetchAsync(signal, known.GetValueOrDefault(signal), ct);
        }
    }

    private async Task FetchAsync(MidasSignal signal, MidasStatus? before, CancellationToken ct)
    {
        var reply = await client.FetchAsync(signal, ct);
        var now = clock.GetCurrentInstant();
        var next = options.Timetable.Following(signal, reply, before, now);
        await store.WriteAsync(
            async tx =>
            {
                if (reply is MidasReply.Values values)
                {
                    await KeepAsync(tx, signal, values, now);
                }

                await MidasStore.SaveAsync(tx, next);
            },
            ct);
        LogFetched(signal.RateId, next.State, next.Problem ?? "ok");
    }

    private static async Task KeepAsync(DbTransaction tx, MidasSignal signal, MidasReply.Values values, Instant now)
    {
        var (known, export) = (Near(values.Known, now), Near(values.Export, now));
        if (signal.Kind == MidasKind.Intensity && !known.IsEmpty)
        {
            await IntensityStore.PutAsync(tx, IntensityStore.Everybody, new IntensityCurve(signal.Name, [.. known.Select(v => new IntensityPoint(v.From, v.Until, v.Value))]));
            await MeterStore.WakeAsync(tx, signal.Name, now);
        }
        else if (signal.Kind == MidasKind.Prices)
        {
            await PutAsync(tx, signal.Name, known);
            await PutAsync(tx, $"{signal.Name}.export", export);
        }
    }

    private static Task PutAsync(DbTransaction tx, string series, ImmutableArray<MidasValue> values) => values.IsEmpty
        ? Task.CompletedTask
        : PriceStore.PutAsync(tx, PriceStore.Everybody, new PriceCurve(series, [.. values.Select(v => new PricePoint(v.From, v.Until, v.Value))]), Dollars);

    /// <summary>What was put long before its time could be corrected until then, and would hide what is missing in between.</summary>
    private static ImmutableArray<MidasValue> Near(ImmutableArray<MidasValue> values, Instant now) => [.. values.Where(v => v.From < now + MidasTimetable.Ahead)];

    [LoggerMessage(EventId = EventIds.MidasFetcherFetched, Level = LogLevel.Information, Message = "MIDAS signal {RateId}: {State} ({Problem})")]
    private partial void LogFetched(string rateId, MidasState state, string problem);
}
