using System.Globalization;
using GridServices.FrequencyResponse.Evidence;
using GridServices.FrequencyResponse.Performance;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Evidence;

/// <summary>Metered files say at regular instants what was measured, and mark what was not.</summary>
public sealed class MeteredRowsTests
{
    private const long Begin = 1_800_000_000_000;

    [Fact]
    public void Each_row_is_the_last_sample_and_the_last_reading_by_then()
    {
        var segment = Segment([Turn(0, 50.00), Turn(950, 50.01), Turn(1_050, 50.02), Turn(2_000, 50.03)], [Reading(-100, 1_000), Reading(900, 2_000), Reading(1_100, 3_000)]);
        Assert.Equal(["0 50 1000 None", "1000 50.01 2000 None", "2000 50.03 3000 None"], Rows([segment], 1_000, 0, 2_001));
    }

    [Fact]
    public void Nothing_is_held_longer_than_one_and_a_half_steps()
    {
        // A reading a second is no measurement at 20 Hz, and says so.
        var segment = Segment([.. Enumerable.Range(0, 41).Select(i => Turn(i * 50, 50))], [Reading(0, 1_000), Reading(1_000, 2_000)]);
        string[] rows = Rows([segment], 50, 0, 2_001);
        Assert.Equal(41, rows.Length);
        Assert.Equal("50 50 1000 None", rows[1]);
        Assert.Equal("100 50 - NoReading", rows[2]);
        Assert.Equal("1050 50 2000 None", rows[21]);
        Assert.Equal(4, rows.Count(r => r.EndsWith("None", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_meter_that_falls_silent_leaves_a_marked_gap()
    {
        // The controller goes on without a sample; then it does not run, and the file goes on all the same.
        var segment = Segment([Turn(0, 50.00), Turn(1_000, double.NaN), Turn(2_000, double.NaN), Turn(6_000, 50.05)], [Reading(0, 10), Reading(1_000, 11), Reading(2_000, 12)]);
        Assert.Equal(
            [
                "-1000 - - NotRunning, NoFrequency, NoReading", "0 50 10 None", "1000 50 11 None", "2000 - 12 NoFrequency", "3000 - 12 NoFrequency", "4000 - - NotRunning, NoFrequency, NoReading",
                "5000 - - NotRunning, NoFrequency, NoReading", "6000 50.05 - NoReading", "7000 50.05 - NoReading",
            ],
            Rows([segment], 1_000, -1_000, 7_001));
    }

    [Fact]
    public void A_reading_that_arrives_late_counts_at_its_own_instant_also_over_the_border_of_two_segments()
    {
        var first = Segment([Turn(0, 50), Turn(900, 50)], []);
        var second = Segment([Turn(1_100, 50), Turn(2_100, 50)], [Reading(0, 7), Reading(1_000, 8)]);
        Assert.Equal(["0 50 7 None", "1000 50 8 None", "2000 50 8 None"], Rows([first, second], 1_000, 0, 2_001));
    }

    [Fact]
    public void What_was_lost_or_changed_is_told_apart_from_a_controller_that_did_not_run()
    {
        var lost = Segment([Turn(0, 50), Turn(5_000, 50) with { Before = RowMarks.Lost }], []) with { After = RowMarks.Broken };
        var next = Segment([Turn(10_000, 50)], []);
        string[] rows = Rows([lost, next], 1_000, 0, 10_001);
        Assert.Equal("3000 - - NoFrequency, NoReading, Lost", rows[3]);
        Assert.Equal("8000 - - NoFrequency, NoReading, Broken", rows[8]);
        Assert.Equal("10000 50 - NoReading", rows[10]);
        Assert.Equal("12000 - - NoFrequency, NoReading, Lost", Rows([Segment([Turn(10_000, 50)], []) with { After = RowMarks.Lost }], 1_000, 12_000, 12_001)[0]);
    }

    [Fact]
    public void A_clock_set_back_gives_no_instant_twice()
    {
        var segment = Segment([Turn(0, 50), Turn(2_000, 51), Turn(1_000, 52), Turn(3_000, 53)], []);
        Assert.Equal(["0 50 - NoReading", "1000 50 - NoReading", "2000 51 - NoReading", "3000 53 - NoReading"], Rows([segment], 1_000, 0, 3_001));
    }

    [Fact]
    public void Tables_say_empty_where_nothing_was_measured()
    {
        var segment = Segment([Turn(0, 50.0123), Turn(1_000, double.NaN)], [Reading(0, -1_500_000)]);
        List<MeteredRow> rows = [.. MeteredRows.Build([segment], Duration.FromSeconds(1), Span(0, 3_001))];
        Assert.Equal("2027-01-15T08:00:00.000Z,50.0123,-1.5,meter,0.1,0.2,0.3,1,1,", MeteredCsv.Full(rows).ElementAt(1));
        Assert.Equal("2027-01-15T08:00:03.000Z,,,,,,,0,0,notRunning+noFrequency+noReading", MeteredCsv.Full(rows).Last());
        Assert.Equal("2027-01-15T08:00:00.000Z,50.0123,-1.5,0.1,1", MeteredCsv.GreatBritain(rows).ElementAt(1));
        Assert.Equal("2027-01-15T08:00:03.000Z,,,,0", MeteredCsv.GreatBritain(rows).Last());
        Assert.Equal("2027-01-15T08:00:00.000Z,-1.5,50.0123,,0.1", MeteredCsv.Nordic(rows).ElementAt(1));
    }

    [Fact]
    public void A_log_that_holds_nothing_of_the_span_has_every_row_marked() =>
        Assert.Equal(["0 - - NotRunning, NoFrequency, NoReading", "1000 - - NotRunning, NoFrequency, NoReading"], Rows([], 1_000, 0, 2_000));

    private static MeteredSegment Segment(IReadOnlyList<MeteredTurn> turns, IReadOnlyList<MeteredReading> readings) => new(turns, readings, RowMarks.None);

    private static MeteredTurn Turn(long ms, double hz) => new((Begin + ms) * 1_000_000, hz, 200_000, 100_000, 300_000, true, true, RowMarks.None);

    private static MeteredReading Reading(long ms, double watts) => new((Begin + ms) * 1_000_000, watts, MeterSource.Meter);

    private static Interval Span(long fromMs, long untilMs) => new(Instant.FromUnixTimeMilliseconds(Begin + fromMs), Instant.FromUnixTimeMilliseconds(Begin + untilMs));

    private static string[] Rows(IEnumerable<MeteredSegment> segments, int stepMs, long fromMs, long untilMs) =>
    [
        .. MeteredRows.Build(segments, Duration.FromMilliseconds(stepMs), Span(fromMs, untilMs)).Select(r => string.Create(
            CultureInfo.InvariantCulture, $"{r.At.ToUnixTimeMilliseconds() - Begin} {r.FrequencyHz?.ToString(CultureInfo.InvariantCulture) ?? "-"} {r.MeteredW?.ToString(CultureInfo.InvariantCulture) ?? "-"} {r.Marks}")),
    ];
}
