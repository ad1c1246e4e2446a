using GridServices.FrequencyResponse.Evidence;
using GridServices.FrequencyResponse.Measurement;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Evidence;

/// <summary>Turns come when they come; the operators' tables have rows at regular instants, and say where there was no sample.</summary>
public sealed class RegularTurnsTests
{
    private const long Wall = 1_800_000_000_000_000_000;
    private const double None = double.NaN;

    [Fact]
    public void Late_and_early_samples_come_at_regular_instants()
    {
        var turns = Turns((3, 50.00), (52, 50.01), (104, 50.02), (149, 50.03), (203, 50.04));
        Assert.Equal(Duration.FromMilliseconds(50), RegularTurns.ComputeStep(turns));
        Assert.Equal(
            ["08:00:00.050 50", "08:00:00.100 50.01", "08:00:00.150 50.03", "08:00:00.200 50.03"],
            Rows(turns, 50));
    }

    [Fact]
    public void Where_samples_are_missing_no_frequency_is_invented()
    {
        // One is late, then none comes; the controller turns once more without one, and says what it holds.
        var turns = Turns((0, 50.00), (50, 50.01), (150, None), (300, 50.05), (350, 50.06));
        Assert.Equal(
            ["08:00:00.000 50", "08:00:00.050 50.01", "08:00:00.100 50.01", "08:00:00.150 -", "08:00:00.200 -", "08:00:00.250 -", "08:00:00.300 50.05", "08:00:00.350 50.06"],
            Rows(turns, 50));
        string[] table = [.. PerformanceCsv.GreatBritain(turns)];
        Assert.Equal("2027-01-15T08:00:00.200Z,,0,0,0", table[5]);
        string[] nordic = [.. PerformanceCsv.Nordic(turns)];
        Assert.Equal("2027-01-15T08:00:00.200Z,0,,,0", nordic[5]);
    }

    [Fact]
    public void Where_the_controller_did_not_run_there_is_no_power_and_after_a_minute_no_row()
    {
        var turns = Turns((0, 50.00), (1_000, 50.00), (2_000, 50.00), (30_000, 50.00), (31_000, 50.00), (3_600_000, 50.00));
        string[] table = [.. PerformanceCsv.GreatBritain(turns)];
        Assert.Equal("2027-01-15T08:00:10.000Z,,,,0", table[11]);
        Assert.Equal("2027-01-15T09:00:00.000Z,50,0,0,0", table[^1]);
        Assert.InRange(table.Length, 90, 100);
    }

    [Fact]
    public void A_clock_set_back_gives_no_instant_twice()
    {
        var turns = Turns((0, 50.00), (100, 50.01), (40, 50.02), (60, 50.03), (200, 50.04));
        string[] rows = Rows(turns, 100);
        Assert.Equal(["08:00:00.000 50", "08:00:00.100 50.01", "08:00:00.200 50.04"], rows);
    }

    [Fact]
    public void A_log_without_turns_has_a_header() => Assert.Single(PerformanceCsv.Nordic([]));

    private static string[] Rows(IReadOnlyList<EvidenceTurn> turns, int stepMs) =>
    [
        .. RegularTurns.Resample(turns, Duration.FromMilliseconds(stepMs)).Select(row => FormattableString.Invariant(
            $"{row.At.InUtc().TimeOfDay:HH:mm:ss.fff} {(double.IsFinite(row.FrequencyHz) ? row.FrequencyHz : "-")}")),
    ];

    private static List<EvidenceTurn> Turns(params (long Ms, double Hz)[] samples)
    {
        var turns = new List<EvidenceTurn>();
        foreach (var (ms, hz) in samples)
        {
            // The monotonic clock does not go back where the wall clock does.
            var now = Math.Max(turns.Count == 0 ? 0 : turns[^1].NowNanos + 1_000_000, ms * 1_000_000);
            turns.Add(new EvidenceTurn
            {
                Sample = double.IsNaN(hz) ? null : FrequencySample.FromHz(hz, now),
                NowNanos = now,
                WallUnixNanos = Wall + (ms * 1_000_000),
                FrequencyHz = double.IsNaN(hz) ? 49.5 : hz,
            });
        }

        return turns;
    }
}
