using Dapper;
using GridServices.Contracts;
using GridServices.Tariffs.Service.Meters;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Meters;

/// <summary>A meter that is silent when the clock is set back: nothing but the timer tells that what it said is not of now.</summary>
public sealed class ClockSetBackTests
{
    [Theory]
    [InlineData(40)]
    [InlineData(180)]
    public async Task A_silent_meter_is_stale_at_once_where_the_clock_is_set_back(int minutes)
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync();
        rig.Pass(Duration.FromMinutes(1));
        rig.Hub.Send("site-1", MeterRig.Power(0, 50_000));
        rig.Hub.Send("site-1", MeterRig.Power(60, 50_000));
        await Until.HoldsAsync(() => FindStream(rig) is { Status: UpstreamStatus.Ok });

        rig.Clock.Time.JumpTo(MeterRig.Start - Duration.FromMinutes(minutes));
        await Until.HoldsAsync(() => Looked(rig) && FindStream(rig) is { Status: UpstreamStatus.Stale, Detail: { } why } && why.Contains("set back", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_clock_that_was_ahead_put_off_is_looked_at_now()
    {
        await using var rig = await MeterRig.StartAsync();
        await rig.RegisterAsync();
        await rig.WriteAsync("UPDATE meters SET due_at = @late", new { late = MeterRig.Start + Duration.FromDays(1) });
        var hours = MeterRig.Start + Duration.FromHours(2);
        await Until.HoldsAsync(() => Looked(rig) ? rig.ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT due_at FROM meters")) : Task.FromResult(0L), due => due < hours.ToUnixTimeTicks());
    }

    /// <summary>The timer has had its turn once more, or has it soon.</summary>
    private static bool Looked(MeterRig rig)
    {
        rig.Pass(Duration.FromMilliseconds(250));
        return true;
    }

    private static UpstreamStream? FindStream(MeterRig rig) =>
        rig.Service.App.App.Services.GetRequiredService<MeterHealth>().Streams(rig.Clock.GetCurrentInstant()).SingleOrDefault(s => s.Sites.Contains("site-1") && s.Stream.Key == "peak-cap");
}
