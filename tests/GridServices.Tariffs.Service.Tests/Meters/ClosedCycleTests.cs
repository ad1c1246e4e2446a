using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Meters;

/// <summary>What belongs to a closed cycle changes the history, never the peak of the cycle under way.</summary>
public sealed class ClosedCycleTests
{
    private static readonly Instant January = Instant.FromUtc(2026, 1, 31, 23, 0);
    private static readonly Instant February = Instant.FromUtc(2026, 2, 1, 0, 0);

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_corrected_upload_of_a_closed_month_is_not_the_current_months_peak(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var rig = await MeterRig.StartAsync(store, clock: new FakeClock(February + Duration.FromHours(2)));
        await rig.RegisterAsync(more: "\"telemetry\":false");
        await rig.PutOkAsync("/v1/meters/main/intervals", MeterRig.Intervals(January, 200, 240, 10, 10));
        Assert.Equal(("0", "192", "2026-01:240"), await StandsAsync(rig));
        await rig.PutOkAsync("/v1/meters/main/intervals", MeterRig.Intervals(January, 200, 100, 10, 10));
        Assert.Equal(("0", "160", "2026-01:200"), await StandsAsync(rig));
        Assert.DoesNotContain(rig.Hub.Envelopes, e => e.Segments.Any(s => s.Limits.ImportLimitW is 240_000 or 200_000 or 100_000));

        await rig.PutOkAsync("/v1/meters/main/intervals", MeterRig.Intervals(February, 50));
        await rig.PutOkAsync("/v1/meters/main/intervals", MeterRig.Intervals(January, 300));
        Assert.Equal(("50", "240", "2026-01:300"), await StandsAsync(rig));
    }

    [Fact]
    public async Task The_last_interval_of_a_month_that_comes_after_its_end_counts_for_that_month()
    {
        await using var rig = await MeterRig.StartAsync(clock: new FakeClock(February + Duration.FromHours(2)));
        await rig.RegisterAsync(more: "\"telemetry\":false");
        await rig.PutOkAsync("/v1/meters/main/intervals", MeterRig.Intervals(January, 20, 24, 10));
        Assert.Equal(("0", "19.2", "2026-01:24"), await StandsAsync(rig));
        await rig.PutOkAsync("/v1/meters/main/intervals", MeterRig.Intervals(January + Duration.FromMinutes(45), 80, 30));
        Assert.Equal(("30", "64", "2026-01:80"), await StandsAsync(rig));
    }

    [Fact]
    public async Task Telemetry_that_comes_after_the_month_was_closed_counts_for_that_month()
    {
        var clock = new FakeClock(January + Duration.FromMinutes(16));
        await using var rig = await MeterRig.StartAsync(clock: clock);
        await rig.RegisterAsync(more: "\"targetW\":10000,\"failsafeW\":2000");
        Send(rig, January, 0, 15, 10_000);
        await UntilAsync(async () => (await MeterAsync(rig)).TryGetProperty("asOf", out var at) && at.GetString() == "2026-01-31T23:15:00Z");
        clock.Advance(Duration.FromHours(2));
        await UntilAsync(async () => (await MeterAsync(rig)).GetProperty("cycle").GetProperty("from").GetString() == "2026-02-01");
        Send(rig, January, 16, 61, 90_000);
        await UntilAsync(async () => (await MeterAsync(rig)).GetProperty("asOf").GetString() == "2026-02-01T00:01:00Z");
        var (peak, floor, history) = await StandsAsync(rig);
        Assert.Equal(("0", "72", "2026-01:90"), (peak, floor, history));
    }

    [Theory]
    [InlineData("application/json", """{"start":"2026-02-01T01:00:00Z","minutes":15,"kW":[1,1,1,1,1]}""")]
    [InlineData("text/csv", "timestamp,kW\n2026-02-01T02:00:00Z,1\n2026-02-01T02:15:00Z,400\n")]
    public async Task Intervals_that_end_in_the_future_are_refused(string type, string body)
    {
        await using var rig = await MeterRig.StartAsync(clock: new FakeClock(February + Duration.FromHours(2)));
        await rig.RegisterAsync(more: "\"telemetry\":false");
        using var answer = await rig.PutAsync("/v1/meters/main/intervals", body, type);
        await TariffsUnderTest.ProblemAsync(answer, ErrorClass.SemanticTime);
    }

    private static void Send(MeterRig rig, Instant start, int fromMinute, int untilMinute, long watts)
    {
        for (var minute = fromMinute; minute <= untilMinute; minute++)
        {
            rig.Hub.Send("site-1", new Reading { At = start + Duration.FromMinutes(minute), NetPowerW = watts });
        }
    }

    private static async Task<JsonElement> MeterAsync(MeterRig rig) => (await rig.GetAsync("/v1/sites/site-1/demand")).GetProperty("meters")[0];

    /// <summary>Peak to date, floor, and the history.</summary>
    private static async Task<(string? Peak, string? Floor, string History)> StandsAsync(MeterRig rig)
    {
        var meter = await MeterAsync(rig);
        var charge = meter.GetProperty("charges")[0];
        var history = string.Join(' ', meter.GetProperty("priorPeaks").EnumerateArray().Select(p => $"{p.GetProperty("month").GetString()}:{p.GetProperty("kw").GetString()}"));
        return (charge.GetProperty("peakToDateKw").GetString(), charge.GetProperty("floorKw").GetString(), history);
    }

    private static Task<bool> UntilAsync(Func<Task<bool>> holds) => Until.HoldsAsync(holds, held => held);
}
