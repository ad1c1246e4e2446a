using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Tests.Intervals;

/// <summary>Files as utilities export them: read by what is declared, or where there is one meaning only.</summary>
public sealed class CsvDialectTests
{
    private const string German = "Datum;Uhrzeit;Wert kWh\n01.01.2026;00:00;5,336\n01.01.2026;00:15;7,119\n01.01.2026;00:30;6,909\n";
    private const string American = "Read Date,Usage\n01/01/2026 12:00 AM,5.336\n01/01/2026 12:15 AM,7.119\n01/01/2026 01:00 PM,1\n";
    private static readonly IntervalOptions Berlin = new() { Zone = "Europe/Berlin" };

    [Fact]
    public void A_german_export_with_date_and_time_apart_and_a_decimal_comma()
    {
        var series = Read(German, Berlin with { Decimal = DecimalMark.Comma }).OrThrow().Net;
        Assert.Equal((Instant.FromUtc(2025, 12, 31, 23, 0), 900, 5.336m, 19.364m), (series.Start, series.StepSeconds, series[0], Sum(series)));
        Assert.Contains("decimal: comma", Refused(German, Berlin), StringComparison.Ordinal);
    }

    [Fact]
    public void An_american_export_with_am_and_pm()
    {
        var options = new IntervalOptions { Zone = "America/New_York", Unit = "kWh", StampFormat = "MM/dd/yyyy hh:mm tt", Step = Duration.FromMinutes(15) };
        var series = Read(American, options).OrThrow().Net;
        Assert.Equal((Instant.FromUtc(2026, 1, 1, 5, 0), 53, 5.336m, 1m), (series.Start, series.Count, series[0], series[52]));
        Assert.Equal(series.Start, Read(American, options with { StampFormat = "MM/DD/YYYY hh:mm A" }).OrThrow().Net.Start);
        Assert.Contains("declare stampFormat", Refused(American, options with { StampFormat = null }), StringComparison.Ordinal);
        Assert.Contains("declare the unit", Refused(American, options with { Unit = null }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-01-01T00:00+0100", "2026-01-01T00:15+0100", "2025-12-31T23:00:00Z")]
    [InlineData("2026-01-01T00:00+01", "2026-01-01T00:15+01", "2025-12-31T23:00:00Z")]
    [InlineData("2026-01-01 00:00:00+01:00", "2026-01-01 00:15:00+01:00", "2025-12-31T23:00:00Z")]
    [InlineData("2026-01-01T00:00Z", "2026-01-01T00:15Z", "2026-01-01T00:00:00Z")]
    [InlineData("2026-01-01 00:00", "2026-01-01 00:15", "2025-12-31T23:00:00Z")]
    [InlineData("01.01.2026 00:00", "01.01.2026 00:15", "2025-12-31T23:00:00Z")]
    [InlineData("1.1.2026 00:00:00", "1.1.2026 00:15:00", "2025-12-31T23:00:00Z")]
    [InlineData("01.01.2026 23:45", "01.01.2026 24:00", "2026-01-01T22:45:00Z")]
    public void Forms_with_one_meaning_need_no_declaration(string first, string second, string start) =>
        Assert.Equal(start, Read($"time,kWh\n{first},1\n{second},2\n", Berlin).OrThrow().Net.Start.ToString());

    [Fact]
    public void A_stamp_of_24_00_is_no_start_where_nothing_is_declared()
    {
        const string File = "timestamp,kWh\n2026-01-01 00:15,1\n2026-01-01 24:00,2\n";
        IntervalOptions GetOptions(IntervalDialect dialect) => dialect.Options("Europe/Berlin", now: null, mostRows: 1_000) with { Step = Duration.FromMinutes(15) };
        Assert.Contains("declare stamp as end", Refused(File, GetOptions(new IntervalDialect())), StringComparison.Ordinal);
        Assert.Equal("2025-12-31T23:00:00Z", Read(File, GetOptions(new IntervalDialect { Stamp = StampPosition.End })).OrThrow().Net.Start.ToString());
        Assert.Equal("2025-12-31T23:15:00Z", Read(File, GetOptions(new IntervalDialect { Stamp = StampPosition.Start })).OrThrow().Net.Start.ToString());
    }

    [Theory]
    [InlineData("epochSeconds", "1767225600", "1767226500")]
    [InlineData("epochMilliseconds", "1767225600000", "1767226500000")]
    [InlineData("yyyyMMddHHmm", "202601010100", "202601010115")]
    [InlineData("dd/MM/yyyy HH:mm", "01/01/2026 01:00", "01/01/2026 01:15")]
    [InlineData("dd.MM.yyyy HH:mm zzz", "01.01.2026 01:00 +01:00", "01.01.2026 01:15 +01:00")]
    public void Forms_with_several_meanings_are_read_as_declared_and_refused_otherwise(string format, string first, string second)
    {
        var file = $"time,kWh\n{first},1\n{second},2\n";
        Assert.Equal(Instant.FromUtc(2026, 1, 1, 0, 0), Read(file, Berlin with { StampFormat = format }).OrThrow().Net.Start);
        Assert.Contains("stampFormat", Refused(file, Berlin), StringComparison.Ordinal);
    }

    [Fact]
    public void An_export_column_is_read_and_nothing_is_dropped_in_silence()
    {
        const string File = "timestamp,import_kwh,export_kwh,status\n2026-01-01T00:00:00Z,1,0.5,ok\n2026-01-01T00:15:00Z,2,0.25,ok\n";
        var read = Read(File, Berlin);
        Assert.Equal((3m, 0.75m), (Sum(read.OrThrow().Net), Sum(read.Value!.Export!)));
        Assert.Contains(read.Warnings, w => w.Detail.Contains("not read: status", StringComparison.Ordinal));
        Assert.Empty(Read(File, Berlin with { IgnoreColumns = ["status"] }).Warnings);
        Assert.Contains("valueColumn", Refused("timestamp,a kWh,b kWh\n2026-01-01T00:00:00Z,1,2\n", Berlin), StringComparison.Ordinal);
        Assert.Contains("looks like export", Refused("timestamp,export kWh\n2026-01-01T00:00:00Z,1\n", Berlin), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_before_the_head_no_head_and_columns_by_number()
    {
        const string Preamble = "Meter 4711;;\nPeriod: 2026;;\nzeit;x;wert\n2026-01-01 00:00;?;1.234,5\n2026-01-01 00:15;?;2\n";
        var options = Berlin with { SkipRows = 2, TimeColumn = "1", ValueColumn = "3", IgnoreColumns = ["2"], Unit = "kWh", Decimal = DecimalMark.Comma, Thousands = ThousandsMark.Point };
        Assert.Equal(1236.5m, Sum(Read(Preamble, options).OrThrow().Net));
        var bare = Read("2026-01-01 00:00|1\n2026-01-01 00:15|2\n", Berlin with { Header = false, TimeColumn = "1", ValueColumn = "2", Unit = "kWh", Delimiter = CsvDelimiter.Pipe });
        Assert.Equal((2, 3m), (bare.OrThrow().Net.Count, Sum(bare.Value!.Net)));
        Assert.Contains("did you mean wert?", Refused(Preamble, options with { ValueColumn = "wrt" }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TYPE,DATE,START TIME,END TIME,USAGE (kWh)\nElectric,2026-01-01,00:00,00:14,1\nElectric,2026-01-01,00:15,00:29,2\n")]
    [InlineData("DATE,START TIME,USAGE (kWh)\n2026-01-01,2026-01-01 00:00,1\n2026-01-01,2026-01-01 00:15,2\n")]
    public void A_start_without_its_date_takes_it_from_the_date_column(string file) =>
        Assert.Equal((Instant.FromUtc(2025, 12, 31, 23, 0), 3m), (Read(file, Berlin).OrThrow().Net.Start, Sum(Read(file, Berlin).Value!.Net)));

    [Theory]
    [InlineData("1,234", "declare decimal: comma, or thousands: comma")]
    [InlineData("1.234,5", "declare decimal: comma, or thousands: comma")]
    public void A_comma_that_could_mean_two_things_is_refused(string number, string words) =>
        Assert.Contains(words, Refused($"time;kWh\n2026-01-01T00:00:00Z;{number}\n", Berlin), StringComparison.Ordinal);

    [Fact]
    public void A_column_of_ends_is_not_taken_for_starts()
    {
        const string File = "start time,end time,kWh\n2026-01-01T00:00:00Z,2026-01-01T00:15:00Z,1\n2026-01-01T00:15:00Z,2026-01-01T00:30:00Z,2\n";
        Assert.Equal(Instant.FromUtc(2026, 1, 1, 0, 0), Read(File, Berlin).OrThrow().Net.Start);
        Assert.Equal(Instant.FromUtc(2026, 1, 1, 0, 0), Read(File, Berlin with { Stamp = StampPosition.End }).OrThrow().Net.Start);
        Assert.Contains("declare stamp as end", Refused("end,kWh\n2026-01-01T00:15:00Z,1\n", Berlin), StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_from_quarter_hours_to_hours_is_refused_at_its_row_and_makes_no_peak()
    {
        var rows = new StringBuilder("time,kWh\n");
        for (var at = Instant.FromUtc(2026, 1, 1, 0, 0); at < Instant.FromUtc(2026, 1, 1, 12, 0); at += Duration.FromMinutes(15))
        {
            rows.Append($"{at},10\n");
        }

        for (var at = Instant.FromUtc(2026, 1, 1, 12, 0); at < Instant.FromUtc(2026, 1, 2, 0, 0); at += Duration.FromHours(1))
        {
            rows.Append($"{at},40\n");
        }

        foreach (var options in new[] { Berlin, Berlin with { Step = Duration.FromMinutes(15) } })
        {
            var refusal = Assert.Single(Read(rows.ToString(), options).Refusals);
            Assert.Equal((ErrorClass.DataOverlap, "line 50"), (refusal.Class, refusal.Path));
        }
    }

    [Fact]
    public void A_preview_says_how_the_first_rows_are_read_and_what_hinders_them()
    {
        var (preview, outcome) = CsvPreview.Read(Encoding.UTF8.GetBytes(German), Berlin with { Decimal = DecimalMark.Comma });
        Assert.Equal([CsvColumnRole.Date, CsvColumnRole.Time, CsvColumnRole.Value], preview.Columns.Select(c => c.Role));
        Assert.Equal((CsvDelimiter.Semicolon, "kWh", 900, 19.364m, true), (preview.Delimiter!.Value, preview.Unit!, preview.IntervalSeconds!.Value, preview.Kwh!.Value, outcome.Ok));
        Assert.Equal((2, Instant.FromUtc(2025, 12, 31, 23, 0), Instant.FromUtc(2025, 12, 31, 23, 15), 5.336m), (preview.Rows[0].Line, preview.Rows[0].From!.Value, preview.Rows[0].Until!.Value, preview.Rows[0].Value!.Value));
        var (hindered, _) = CsvPreview.Read(Encoding.UTF8.GetBytes(German), Berlin);
        Assert.All(hindered.Rows, r => Assert.Contains("decimal", r.Problem!, StringComparison.Ordinal));
    }

    private static ReadResult<MeterData> Read(string text, IntervalOptions options) => CsvIntervals.ReadMeter(new MemoryStream(Encoding.UTF8.GetBytes(text)), options);

    private static string Refused(string text, IntervalOptions options) => Read(text, options).Refusals[0].Detail;

    private static decimal Sum(IntervalSeries series) => Enumerable.Range(0, series.Count).Sum(i => series[i]);
}
