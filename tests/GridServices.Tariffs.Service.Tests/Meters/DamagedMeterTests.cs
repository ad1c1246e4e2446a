using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Tariffs.Service.Meters;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Meters;

/// <summary>What is damaged of one meter in the store is told of that meter, and holds up no other.</summary>
public sealed class DamagedMeterTests
{
    private const string Damaged = "cannot be calculated";

    [Fact]
    public async Task A_damaged_row_makes_its_own_meter_stale_and_no_other()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync();
        await rig.PutOkAsync("/v1/meters/other", """{"siteId":"site-2","tariffId":"depot","targetW":100000,"failsafeW":20000}""");
        await rig.PutOkAsync("/v1/meters/main/intervals", MeterRig.Intervals(MeterRig.Start - Duration.FromHours(1), 40));
        var day = await rig.ReadAsync(db => db.QuerySingleAsync<byte[]>("SELECT content FROM meter_days WHERE meter_id = 'main'"));

        // A day that is damaged, met where the first quarter-hour of readings ends.
        await rig.WriteAsync("UPDATE meter_days SET content = @content WHERE meter_id = 'main'", new { content = new byte[] { 0 } });
        Send(rig, 0, 960);
        await StaleAsync(rig, Damaged);
        await Until.HoldsAsync(() => rig.ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM meter_days WHERE meter_id = 'other'")), days => days == 1);
        await WellAsync(rig, "site-2");

        // Put in order, it goes on with the next readings.
        await rig.WriteAsync("UPDATE meter_days SET content = @day WHERE meter_id = 'main'", new { day });
        Send(rig, 1020, 1080);
        await WellAsync(rig, "site-1");

        // What it knows is damaged: what it said last is not to be counted on.
        await rig.WriteAsync("UPDATE meter_states SET memory = '{' WHERE meter_id = 'main'");
        Send(rig, 1140, 1140);
        await StaleAsync(rig, Damaged);
        await WellAsync(rig, "site-2");

        // Its plan too, and what its stream said, looked at by the timer: the service runs on, and the other meter with it.
        await rig.WriteAsync("UPDATE meters SET plan = '{', due_at = 0 WHERE meter_id = 'main'");
        await rig.WriteAsync("UPDATE meter_streams SET draft = '{' WHERE meter_id = 'other'");
        Send(rig, 1200, 1200);
        await Until.HoldsAsync(() => rig.ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT due_at FROM meters WHERE meter_id = 'main'")), due => due > 0);
        await Until.HoldsAsync(() => rig.ReadAsync(db => db.ExecuteScalarAsync<string>("SELECT draft FROM meter_streams WHERE meter_id = 'other'")), draft => draft != "{");
        await StaleAsync(rig, Damaged);
        await WellAsync(rig, "site-2");
    }

    /// <summary>What no parser refuses: a day that is too short for its interval, and a memory and a plan that are null.</summary>
    [Fact]
    public async Task Damage_of_any_kind_is_its_own_meters_alone_and_told_once()
    {
        await using var rig = await MeterRig.StartAsync();
        using var log = new CapturingLogger();
        rig.Service.App.App.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        await rig.RegisterAsync();
        await rig.PutOkAsync("/v1/meters/other", """{"siteId":"site-2","tariffId":"depot","targetW":100000,"failsafeW":20000}""");
        await rig.PutOkAsync("/v1/meters/main/intervals", MeterRig.Intervals(MeterRig.Start - Duration.FromHours(1), 40));
        var day = await rig.ReadAsync(db => db.QuerySingleAsync<byte[]>("SELECT content FROM meter_days WHERE meter_id = 'main'"));

        await rig.WriteAsync("UPDATE meter_days SET content = @content WHERE meter_id = 'main'", new { content = day[..(6 + (9 * 10))] });
        Send(rig, 0, 960);
        await StaleAsync(rig, Damaged);
        await WellAsync(rig, "site-2");
        await rig.WriteAsync("UPDATE meter_days SET content = @day WHERE meter_id = 'main'", new { day });
        Send(rig, 1020, 1080);
        await WellAsync(rig, "site-1");
        Assert.Single(log.Lines, line => line.Contains("Meter main cannot be calculated", StringComparison.Ordinal));

        await rig.WriteAsync("UPDATE meter_states SET memory = 'null' WHERE meter_id = 'main'");
        Send(rig, 1140, 1140);
        await StaleAsync(rig, Damaged);

        // By the timer: it is put off as every other, and those behind it have their turn.
        await rig.WriteAsync("UPDATE meters SET plan = 'null', due_at = 0 WHERE meter_id = 'main'");
        await rig.WriteAsync("UPDATE meters SET due_at = 1 WHERE meter_id = 'other'");
        Send(rig, 1200, 1200);
        await Until.HoldsAsync(
            () => rig.ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT MIN(due_at) FROM meters")),
            due => due > 1);
        await WellAsync(rig, "site-2");
        Assert.Equal(2, log.Lines.Count(line => line.Contains("Meter main cannot be calculated", StringComparison.Ordinal)));
    }

    /// <summary>A reading a minute of both sites, and the time at which they come.</summary>
    private static void Send(MeterRig rig, int from, int until)
    {
        rig.Pass(MeterRig.Start + Duration.FromSeconds(until) - rig.Clock.GetCurrentInstant());
        for (var second = from; second <= until; second += 60)
        {
            rig.Hub.Send("site-1", MeterRig.Power(second, 50_000));
            rig.Hub.Send("site-2", MeterRig.Power(second, 50_000));
        }
    }

    private static Task StaleAsync(MeterRig rig, string because) => Until.HoldsAsync(
        () => FindStream(rig, "site-1") is { Status: UpstreamStatus.Stale, Detail: { } detail } && detail.Contains(because, StringComparison.Ordinal), () => Task.FromResult($"{FindStream(rig, "site-1")}"));

    private static Task WellAsync(MeterRig rig, string site) => Until.HoldsAsync(() => FindStream(rig, site) is { Status: UpstreamStatus.Ok }, () => Task.FromResult($"{FindStream(rig, site)}"));

    private static UpstreamStream? FindStream(MeterRig rig, string site) =>
        rig.Service.App.App.Services.GetRequiredService<MeterHealth>().Streams(rig.Clock.GetCurrentInstant()).SingleOrDefault(s => s.Sites.Contains(site) && s.Stream.Key == "peak-cap");
}

/// <summary>The rig's store, as somebody at the database sees it.</summary>
internal static class MeterRigStore
{
    internal static Task<T> ReadAsync<T>(this MeterRig rig, Func<System.Data.Common.DbConnection, Task<T>> read) =>
        rig.Service.App.App.Services.GetRequiredService<Store>().ReadAsync(read, TestContext.Current.CancellationToken);

    internal static Task WriteAsync(this MeterRig rig, string sql, object? parameters = null) =>
        rig.Service.App.App.Services.GetRequiredService<Store>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, parameters, tx), TestContext.Current.CancellationToken);
}
