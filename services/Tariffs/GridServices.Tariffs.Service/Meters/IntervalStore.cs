using System.Data.Common;
using Dapper;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Meters;
using NodaTime;

namespace GridServices.Tariffs.Service.Meters;

/// <summary>Interval records on disk, a day at a time.</summary>
internal static class IntervalStore
{
    /// <summary>Merges records in; days that do not change are not written.</summary>
    public static async Task<MergeCount> MergeAsync(DbTransaction tx, StoredMeter meter, string channel, MeterGrid grid, IEnumerable<MeterRecord> records, Instant now)
    {
        var count = default(MergeCount);
        foreach (var day in records.GroupBy(r => grid.Locate(r.Start).Day))
        {
            var held = await tx.Connection!.QuerySingleOrDefaultAsync<byte[]>(
                "SELECT content FROM meter_days WHERE tenant = @Tenant AND meter_id = @MeterId AND channel = @channel AND day = @day",
                new { meter.Tenant, meter.MeterId, channel, day = (long)day.Key },
                tx);
            var block = held is null ? DayBlock.Empty(grid.StepSeconds) : DayBlock.Unpack(held);
            var merged = day.Aggregate(default(MergeCount), (sum, r) => sum + block.Set(grid.Locate(r.Start).Index, r.Kw, r.Mark));
            count += merged;
            if (merged.Added + merged.Corrected > 0)
            {
                await SaveAsync(tx, meter, channel, day.Key, block.Pack(), now);
            }
        }

        return count;
    }

    /// <summary>The packed days that [from, until) touches.</summary>
    public static Task<IReadOnlyDictionary<int, byte[]>> DaysAsync(DbTransaction tx, string tenant, string meterId, string channel, MeterGrid grid, Instant from, Instant until) =>
        DaysAsync(tx.Connection!, tx, tenant, meterId, channel, grid, from, until);

    public static async Task<IReadOnlyDictionary<int, byte[]>> DaysAsync(
        DbConnection db, DbTransaction? tx, string tenant, string meterId, string channel, MeterGrid grid, Instant from, Instant until)
    {
        var (first, last) = ((long)grid.Locate(grid.GetStart(from)).Day, (long)grid.Locate(grid.GetStart(until)).Day);
        var rows = await db.QueryAsync<DayRow>(
            "SELECT day AS Day, content AS Content FROM meter_days WHERE tenant = @tenant AND meter_id = @meterId AND channel = @channel AND day >= @first AND day <= @last",
            new { tenant, meterId, channel, first, last },
            tx);
        return rows.ToDictionary(r => (int)r.Day, r => r.Content);
    }

    /// <summary>All that is stored of a meter over [from, until); null where that is nothing.</summary>
    public static async Task<MeterData?> DataAsync(DbConnection db, DbTransaction? tx, string tenant, string meterId, MeterGrid grid, Instant from, Instant until)
    {
        if (StoredIntervals.Series(await DaysAsync(db, tx, tenant, meterId, MeterChannels.Net, grid, from, until), grid, from, until) is not { } net)
        {
            return null;
        }

        return new MeterData
        {
            Net = net,
            Export = StoredIntervals.Series(await DaysAsync(db, tx, tenant, meterId, MeterChannels.Export, grid, from, until), grid, from, until),
            Reactive = StoredIntervals.Series(await DaysAsync(db, tx, tenant, meterId, MeterChannels.Reactive, grid, from, until), grid, from, until),
        };
    }

    /// <summary>Whether the meter has records at all; then its grid can no longer change.</summary>
    public static async Task<byte[]?> AnyAsync(DbTransaction tx, string tenant, string meterId) => await tx.Connection!.QueryFirstOrDefaultAsync<byte[]>(
        "SELECT content FROM meter_days WHERE tenant = @tenant AND meter_id = @meterId LIMIT 1", new { tenant, meterId }, tx);

    private static Task<int> SaveAsync(DbTransaction tx, StoredMeter meter, string channel, int day, byte[] content, Instant now) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO meter_days (tenant, meter_id, channel, day, content, updated_at) VALUES (@Tenant, @MeterId, @channel, @day, @content, @now)
        ON CONFLICT (tenant, meter_id, channel, day) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at
        """,
        new { meter.Tenant, meter.MeterId, channel, day = (long)day, content, now },
        tx);

    private sealed class DayRow
    {
        public long Day { get; set; }
        public byte[] Content { get; set; } = [];
    }
}
