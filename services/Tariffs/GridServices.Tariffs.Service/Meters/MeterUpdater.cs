using System.Collections.Immutable;
using System.Data;
using System.Data.Common;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Publishing;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Service.Intensity;
using GridServices.Tariffs.Service.Prices;
using GridServices.Tariffs.Service.Registry;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Service.Meters;

/// <summary>
/// Every change of a meter goes through here: where it stood, its finished intervals and what it publishes are one commit.
/// <code>
///   readings | intervals | plan | time ─▶ load ─▶ LiveMeter ─▶ [ memory + days + streams + outbox: one commit ] ─▶ relay
/// </code>
/// Nothing is kept between steps, so a kill at any instant loses nothing and several instances may share one store.
/// </summary>
internal sealed partial class MeterUpdater(
    Store store, Outbox outbox, TariffStore tariffs, StreamStore streams, PriceStreams prices, MeterHealth health, IClock clock, ILogger<MeterUpdater> log) : IDisposable
{
    /// <summary>A reading that is further ahead of the clock would make the meter deaf, and never stale, until then.</summary>
    private static readonly Duration Future = Duration.FromMinutes(5);

    // Steps of one process take turns: on PostgreSQL they would only make each other try again.
    private readonly SemaphoreSlim turn = new(1, 1);

    // What the step under way tells the board, once it is committed: a step that is not stored has told nobody anything.
    private readonly List<(StoredMeter Meter, IReadOnlyList<StreamRow> Rows, Instant? AsOf, PriceStep Prices)> heard = [];

    /// <summary>Readings of sites; meters that telemetry feeds take them in.</summary>
    public Task AddReadingsAsync(string tenant, ILookup<string, Reading> bySite, CancellationToken ct) => StepAsync(
        async (tx, now) =>
        {
            var all = new List<OutboxItem>();
            foreach (var meter in await MeterStore.ListBySitesAsync(tx, tenant, [.. bySite.Select(s => s.Key)]))
            {
                all.AddRange(await IsolateAsync(tx, meter, () => ReadAsync(tx, meter, bySite, now)));
            }

            return all;
        },
        ct);

    /// <summary>Only time has passed: meters fall silent, cycles end, schedules are drawn on. True = there may be more.</summary>
    public async Task<bool> TickAsync(int most, CancellationToken ct)
    {
        var count = 0;
        if (!await store.ReadAsync(db => MeterStore.AnyDueAsync(db, clock.GetCurrentInstant()), ct))
        {
            return false;
        }

        await StepAsync(
            async (tx, now) =>
            {
                var all = new List<OutboxItem>();
                var due = await MeterStore.DueAsync(tx, now, most);
                count = due.Length;
                foreach (var meter in due)
                {
                    // Whatever becomes of it, it is due again in an hour at the latest.
                    await MeterStore.DelayAsync(tx, meter, now + StreamStore.Refresh);
                    all.AddRange(await IsolateAsync(tx, meter, () => RefreshAsync(tx, meter, now)));
                }

                return all;
            },
            ct);
        return count == most;
    }

    /// <summary>The clock may have been set back: what was put off by the later time is looked at now.</summary>
    public Task WakeAheadAsync(CancellationToken ct) => StepAsync(
        async (tx, now) =>
        {
            await MeterStore.WakeAheadAsync(tx, now);
            return [];
        },
        ct);

    /// <summary>Registers a meter or changes its plan; true = it is new.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="meterId">Which.</param>
    /// <param name="plan">What it is to do.</param>
    /// <param name="json">The plan as it is stored.</param>
    /// <param name="check">Refuses by what is held now, inside the commit.</param>
    /// <param name="ct">Given up only before the commit starts.</param>
    /// <exception cref="ProblemException">CONFLICT: another meter limits the same boundary, or the interval cannot change any more.</exception>
    public async Task<bool> PutAsync(string tenant, string meterId, MeterPlan plan, string json, Action<StoredMeter?> check, CancellationToken ct)
    {
        var isNew = false;
        await StepAsync(
            async (tx, now) =>
            {
                var held = await MeterStore.FindAsync(tx, tenant, meterId);
                check(held);
                isNew = held is null;
                await RequireFreeAsync(tx, tenant, meterId, plan);
                await MeterStore.PutAsync(tx, tenant, meterId, plan, json, now);
                var meter = (await MeterStore.FindAsync(tx, tenant, meterId))!;

                // A tariff that is damaged in the store is told to who names it.
                _ = await tariffs.CompiledAsync(tx, tenant, plan.TariffId);
                return await IsolateAsync(tx, meter, () => RefreshAsync(tx, meter, now));
            },
            ct);
        return isNew;
    }

    /// <summary>Forgets a meter and withdraws what it says; its records stay. False = there was none.</summary>
    public async Task<bool> DeleteAsync(string tenant, string meterId, CancellationToken ct)
    {
        var existed = false;
        await StepAsync(
            async (tx, now) =>
            {
                existed = await MeterStore.FindAsync(tx, tenant, meterId) is not null;
                await MeterStore.DeleteAsync(tx, tenant, meterId);
                return [.. await streams.WithdrawAllAsync(tx, tenant, meterId, now), .. await prices.WithdrawAllAsync(tx, tenant, meterId, now)];
            },
            ct);
        health.Remove(tenant, meterId);
        return existed;
    }

    /// <summary>Records of the meter's own: merged in, and counted anew where they correct what was known.</summary>
    /// <exception cref="ProblemException">NOT_FOUND.</exception>
    public async Task<MergeCount> PutIntervalsAsync(string tenant, string meterId, ImmutableSortedDictionary<string, ImmutableArray<MeterRecord>> channels, CancellationToken ct)
    {
        var count = default(MergeCount);
        await StepAsync(
            async (tx, now) =>
            {
                var meter = await MeterStore.FindAsync(tx, tenant, meterId) ?? throw MeterEndpoints.NoMeter(meterId);
                var versions = await tariffs.CompiledAsync(tx, tenant, meter.Plan.TariffId);
                var grid = MeterGrid.Create(versions[0].Zone, meter.Plan.Interval);
                count = default;
                foreach (var (channel, records) in channels)
                {
                    count += await IntervalStore.MergeAsync(tx, meter, channel, grid, records, now);
                }

                if (count.Added + count.Corrected == 0)
                {
                    return [];
                }

                var memory = await MeterHistory.RecomputeAsync(tx, meter, versions, grid, channels[MeterChannels.Net], channels.GetValueOrDefault(MeterChannels.Reactive, []));
                return await SaveStepAsync(tx, meter, versions, LiveMeter.Advance(meter.Plan, versions, memory, [], now), now);
            },
            ct);
        return count;
    }

    public void Dispose() => turn.Dispose();

    private async Task<List<OutboxItem>> ReadAsync(DbTransaction tx, StoredMeter meter, ILookup<string, Reading> bySite, Instant now)
    {
        var plan = meter.Plan;
        var own = bySite[plan.SiteId].Where(r => r.AssetId == plan.AssetId && r.At <= now + Duration.Min(Future, plan.StaleAfter)).ToArray();
        if (!plan.Telemetry || own.Length == 0)
        {
            return [];
        }

        var versions = await tariffs.CompiledAsync(tx, meter.Tenant, plan.TariffId);
        return versions.IsEmpty ? [] : await SaveStepAsync(tx, meter, versions, LiveMeter.Read(plan, versions, meter.Memory, own, now), now, isReading: true);
    }

    private async Task<List<OutboxItem>> RefreshAsync(DbTransaction tx, StoredMeter meter, Instant now)
    {
        var versions = await tariffs.CompiledAsync(tx, meter.Tenant, meter.Plan.TariffId);
        return versions.IsEmpty ? [] : await SaveStepAsync(tx, meter, versions, LiveMeter.Advance(meter.Plan, versions, meter.Memory, [], now), now);
    }

    /// <summary>
    /// A meter that cannot be calculated, or whose rows are damaged in whatever way, must not hold up the others; nobody follows it, and what it said last is not to be
    /// counted on. What the database itself refuses is not the meter's: the whole step is tried again, or given up.
    /// Intervals that were merged before it failed are merged again by its next step, which changes nothing.
    /// </summary>
    private async Task<List<OutboxItem>> IsolateAsync(DbTransaction tx, StoredMeter meter, Func<Task<List<OutboxItem>>> step)
    {
        var db = tx.Connection!;
        try
        {
            return await step();
        }
        catch (Exception e) when (IsOfMeter(e) && db.State == ConnectionState.Open)
        {
            // Told once, not with each reading.
            if (health.Fail(meter.Tenant, meter.MeterId))
            {
                LogFailed(e, meter.MeterId);
            }

            return [];
        }
    }

    /// <summary>A connection that broke shows as a part of the driver that is disposed of: that is no meter's damage.</summary>
    private static bool IsOfMeter(Exception e) => e is not (OutOfMemoryException or OperationCanceledException or DbException or StoreUnavailableException or ObjectDisposedException);

    private async Task<List<OutboxItem>> SaveStepAsync(DbTransaction tx, StoredMeter meter, ImmutableArray<CompiledTariff> versions, MeterStep step, Instant now, bool isReading = false)
    {
        if (!step.Finished.IsEmpty)
        {
            var grid = MeterGrid.Create(versions[0].Zone, meter.Plan.Interval);
            var records = step.Finished.Select(f => new MeterRecord(f.Start, f.Kw, IntervalMark.Known | IntervalMark.Telemetry | (f.Estimated ? IntervalMark.Estimated : IntervalMark.None)));
            await IntervalStore.MergeAsync(tx, meter, MeterChannels.Net, grid, records, now);
            await IntervalStore.MergeAsync(tx, meter, MeterChannels.Reactive, grid, step.Finished.Where(f => f.Kvar is not null).Select(Reactive), now);
            if (MeterHistory.SelectLate(meter, versions, step) is { IsEmpty: false } late)
            {
                var memory = await MeterHistory.RaiseAsync(tx, meter, versions, grid, step, late);
                step = LiveMeter.Advance(meter.Plan, versions, memory, [], now);
            }
        }

        if (meter.Plan is { Publish: true, ExcessRenewables: { } excess })
        {
            step = step.WithExcess(excess, await IntensityStore.PointsAsync(tx.Connection!, tx, meter.Tenant, excess.GridZone, now, now + StreamStore.Ahead), now);
        }

        var due = DueAt(meter.Plan, step, now);
        await MeterStore.SaveAsync(tx, meter, step.Memory, due, now);
        CrashPoint.Hit("meter.mid-step");
        var (items, rows, held) = await streams.PublishAsync(tx, meter, step, now);
        var priced = await PriceAsync(tx, meter, versions, isReading, now);
        items.AddRange(priced.Items);
        if (new[] { held, priced.DueAt }.Min() is { } sooner && sooner < due)
        {
            await MeterStore.DelayAsync(tx, meter, sooner);
        }

        foreach (var text in items.Count == 0 ? [] : step.Drafts.Select(d => d.Coarsened).OfType<string>())
        {
            LogCoarsened(meter.MeterId, text);
        }

        heard.Add((meter, rows, step.Memory.AsOf, priced));
        return items;
    }

    /// <summary>Prices that cannot be calculated take no limit with them; they are tried again in a quarter of an hour, also by a reading, and once what they are made of changes.</summary>
    private async Task<PriceStep> PriceAsync(DbTransaction tx, StoredMeter meter, ImmutableArray<CompiledTariff> versions, bool isReading, Instant now)
    {
        var db = tx.Connection!;
        try
        {
            var step = await prices.StepAsync(tx, meter, versions, isReading, now);
            return !step.IsDrawn && health.IsUnpriced(meter) ? PriceStep.Fail(step.DueAt) : step;
        }
        catch (Exception e) when (IsOfMeter(e) && db.State == ConnectionState.Open)
        {
            if (!health.IsUnpriced(meter))
            {
                LogUnpriced(e, meter.MeterId);
            }

            return await PriceStreams.PutOffAsync(tx, meter, versions, now);
        }
    }

    private static MeterRecord Reactive(MeterInterval interval) => new(
        interval.Start, interval.Kvar!.Value, IntervalMark.Known | IntervalMark.Telemetry | (interval.KvarEstimated ? IntervalMark.Estimated : IntervalMark.None));

    private static Instant DueAt(MeterPlan plan, MeterStep step, Instant now)
    {
        var due = now + StreamStore.Refresh;
        var silent = step.Memory.AsOf + plan.StaleAfter + Duration.FromMilliseconds(1);
        return silent > now && silent < due ? silent.Value : due;
    }

    private static async Task RequireFreeAsync(DbTransaction tx, string tenant, string meterId, MeterPlan plan)
    {
        if (plan.StatesPrices() && await MeterStore.OtherPricesAsync(tx, tenant, meterId, plan.SiteId) is { } pricing)
        {
            throw new ProblemException(ErrorClass.Conflict, $"The meter '{pricing}' states the prices of site '{plan.SiteId}'. Say publishPrices: false at one of the two.", "/publishPrices");
        }

        if (plan.Publish && await MeterStore.OtherPublisherAsync(tx, tenant, meterId, plan) is { } other)
        {
            throw new ProblemException(
                ErrorClass.Conflict, $"The meter '{other}' states limits for the same boundary of site '{plan.SiteId}'. Give this one limitsAt of its own (a circuit, say), or publish: false.", "/limitsAt");
        }

        var records = await IntervalStore.AnyAsync(tx, tenant, meterId);
        if (!plan.SumOf.IsEmpty && records is not null)
        {
            throw new ProblemException(ErrorClass.Conflict, "The meter has records of its own; register the sum of meters under an id of its own.", "/sumOf");
        }

        if (records is { } day && DayBlock.Unpack(day).StepSeconds != (int)plan.Interval.TotalSeconds)
        {
            throw new ProblemException(ErrorClass.Conflict, "The meter has records of another interval length; register the new one under an id of its own.", "/interval");
        }
    }

    private async Task StepAsync(Func<DbTransaction, Instant, Task<List<OutboxItem>>> work, CancellationToken ct)
    {
        await turn.WaitAsync(ct);
        try
        {
            await store.WriteAsync(
                async tx =>
                {
                    heard.Clear();
                    var now = clock.GetCurrentInstant();
                    await outbox.AddAsync(tx, await work(tx, now), now);
                    CrashPoint.Hit("meter.before-commit");
                },
                ct);
            CrashPoint.Hit("meter.after-commit");
            outbox.Wake();
            foreach (var (meter, rows, asOf, priced) in heard)
            {
                health.Note(meter, rows, asOf);
                health.Note(meter, priced);
            }
        }
        finally
        {
            turn.Release();
        }
    }

    [LoggerMessage(EventId = EventIds.MeterUpdaterCoarsened, Level = LogLevel.Warning, Message = "Meter {MeterId} publishes a coarser schedule than its tariff makes: {Reason}")]
    private partial void LogCoarsened(string meterId, string reason);

    [LoggerMessage(EventId = EventIds.MeterUpdaterUnpriced, Level = LogLevel.Error, Message = "The prices of meter {MeterId} cannot be calculated; what was published holds for its own time")]
    private partial void LogUnpriced(Exception e, string meterId);

    [LoggerMessage(EventId = EventIds.MeterUpdaterFailed, Level = LogLevel.Error, Message = "Meter {MeterId} cannot be calculated; it is skipped until it can be")]
    private partial void LogFailed(Exception e, string meterId);
}
