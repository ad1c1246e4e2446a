using System.Collections.Immutable;
using System.Data.Common;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Storage;
using GridServices.Tariffs.Bills;
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

        await using var hold = await store.TryLockAsync("midas", ct);
        if (hold is null)
        {
            return;
        }

        var known = await store.ReadAsync(MidasStore.AllAsync, ct);
        foreach (var signal in options.Signals)
        {
            var before = known.FirstOrDefault(s => s.Signal == signal);
            if (MidasTimetable.IsDue(before, clock.GetCurrentInstant()))
            {
                await FetchAsync(signal, before, known.Any(s => IsOfOtherRate(s.Signal, signal)), ct);
            }
        }
    }

    /// <summary>The name stood for another RIN until now.</summary>
    private static bool IsOfOtherRate(MidasSignal held, MidasSignal signal) => held.Kind == signal.Kind && held.Name == signal.Name && held.RateId != signal.RateId;

    /// <summary>One signal's fault is its own: the others are fetched all the same.</summary>
    private async Task FetchAsync(MidasSignal signal, MidasStatus? before, bool isRenamed, CancellationToken ct)
    {
        var reply = await ReplyAsync(signal, ct);
        try
        {
            await SaveAsync(signal, reply, before, isRenamed, ct);
        }
        catch (Exception e) when (reply is MidasReply.Values && !ct.IsCancellationRequested)
        {
            await SaveAsync(signal, new MidasReply.Failed($"its values cannot be stored: {SafeText.Line(e.Message)}"), before, isRenamed, ct);
        }
    }

    private async Task<MidasReply> ReplyAsync(MidasSignal signal, CancellationToken ct)
    {
        try
        {
            return await client.FetchAsync(signal, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            return new MidasReply.Failed($"the answer cannot be taken: {SafeText.Line(e.Message)}");
        }
    }

    private async Task SaveAsync(MidasSignal signal, MidasReply reply, MidasStatus? before, bool isRenamed, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var next = options.Timetable.Following(signal, reply, before, now);
        await store.WriteAsync(
            async tx =>
            {
                if (isRenamed)
                {
                    await PutAsync(tx, signal, new MidasReply.Values([], []), now);
                }

                if (reply is MidasReply.Values values)
                {
                    await PutAsync(tx, signal, values, now);
                }

                await MidasStore.SaveAsync(tx, next);
            },
            ct);
        LogFetched(signal.RateId, next.State, next.Problem ?? "ok");
    }

    private static async Task PutAsync(DbTransaction tx, MidasSignal signal, MidasReply.Values values, Instant now)
    {
        if (signal.Kind == MidasKind.Intensity)
        {
            await PutAsync(
                values.Known, now, (from, until) => IntensityStore.ClearAsync(tx, IntensityStore.Everybody, signal.Name, from, until),
                run => IntensityStore.PutAsync(tx, IntensityStore.Everybody, new IntensityCurve(signal.Name, [.. run.Select(v => new IntensityPoint(v.From, v.Until, v.Value))])));
            await MeterStore.WakeAsync(tx, signal.Name, now);
            return;
        }

        await PutPricesAsync(tx, signal.Name, values.Known, now);
        await PutPricesAsync(tx, MidasOptions.GetExportName(signal.Name), values.Export, now);
    }

    private static async Task PutPricesAsync(DbTransaction tx, string series, ImmutableArray<MidasValue> values, Instant now)
    {
        await PutAsync(
            values, now, (from, until) => PriceStore.ClearAsync(tx, PriceStore.Everybody, series, from, until),
            run => PriceStore.PutAsync(tx, PriceStore.Everybody, new PriceCurve(series, [.. run.Select(v => new PricePoint(v.From, v.Until, v.Value))]), Dollars));
        await PublishedPriceStore.WakeAsync(tx, tenant: null, series, now);
    }

    /// <summary>
    /// From now to its last value an answer is all that holds: what it has no more was taken back. Before now, and later, what is stored stays, but where the answer has a value; where it
    /// has none from now on, nothing from now on is known.
    /// </summary>
    private static async Task PutAsync(ImmutableArray<MidasValue> values, Instant now, Func<Instant, Instant, Task> clear, Func<IReadOnlyList<MidasValue>, Task> put)
    {
        var near = values.Where(v => v.From < now + MidasTimetable.Ahead && v.Until > now - MidasTimetable.Back).ToArray();
        await clear(now, near.Length > 0 && near[^1].Until > now ? near[^1].Until : Instant.MaxValue);
        for (var (from, until) = (0, 1); from < near.Length; until++)
        {
            if (until == near.Length || near[until].From > near[until - 1].Until)
            {
                await put(near[from..until]);
                from = until;
            }
        }
    }

    [LoggerMessage(EventId = EventIds.MidasFetcherFetched, Level = LogLevel.Information, Message = "MIDAS signal {RateId}: {State} ({Problem})")]
    private partial void LogFetched(string rateId, MidasState state, string problem);
}
