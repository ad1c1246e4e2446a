using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Time;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Service.Calculations;

/// <summary>A request whose body is the interval file itself, CSV (also NEM12, NEM13) or Green Button; everything else stands in the query.</summary>
internal static class IntervalBody
{
    public const string Atom = "application/atom+xml";
    private const int MostRows = 1_200_000;

    public static async Task<ReadResult<BillRequest>> ReadAsync(HttpContext http, ReadOnlyMemory<byte> body, bool isCsv, ImmutableArray<CompiledTariff> tariffs, Instant now)
    {
        var read = await MeterAsync(http, body, isCsv, tariffs[0].Zone, now);
        if (!read.Ok)
        {
            return new ReadResult<BillRequest>(null, read.Refusals, read.Warnings);
        }

        var request = new BillRequest { Tariffs = tariffs, Data = read.Value!, Cycles = Cycles(http.Request.Query, read.Value!.Net, tariffs[0].Zone) };
        return new ReadResult<BillRequest>(request, [], read.Warnings);
    }

    /// <summary>The data alone.</summary>
    public static async Task<ReadResult<MeterData>> MeterAsync(HttpContext http, ReadOnlyMemory<byte> body, bool isCsv, DateTimeZone zone, Instant now)
    {
        var (options, reading) = await OptionsAsync(http, zone.Id, now);
        return MeterFile.Read(body, !isCsv, options, reading);
    }

    /// <summary>What the query and the source that it names say.</summary>
    /// <exception cref="ProblemException">UNKNOWN_ID: there is no such source; or a value that cannot be.</exception>
    public static async Task<(IntervalOptions Options, string? Reading)> OptionsAsync(HttpContext http, string? zone, Instant now)
    {
        var query = http.Request.Query;
        var dialect = DialectQuery.Read(query, await SourceStore.NamedAsync(http, DialectQuery.Text(query, "source")));
        return (dialect.Options(zone, now, MostRows) with { Check = DialectQuery.Check(query) }, dialect.Reading);
    }

    private static ImmutableArray<BillingCycle> Cycles(IQueryCollection query, IntervalSeries series, DateTimeZone zone)
    {
        if (DialectQuery.ReadInteger(query, "year", 1, 9998) is { } year)
        {
            if (DialectQuery.Text(query, "from") is not null || DialectQuery.Text(query, "until") is not null)
            {
                throw new ProblemException(ErrorClass.SchemaInvalid, "year stands in the query too; give year alone, or from and until.", "from");
            }

            return BillingCycle.Year(year);
        }

        var from = Day(query, "from") ?? series.Start.InZone(zone).Date;
        var until = Day(query, "until") ?? (series.End - Duration.Epsilon).InZone(zone).Date.PlusDays(1);
        return Day(query, "from") is null || Day(query, "until") is null ? BillingCycle.CalendarMonths(from, until) : [new BillingCycle(from, until)];
    }

    private static LocalDate? Day(IQueryCollection query, string name) => DialectQuery.Text(query, name) is not { } text ? null
        : LocalDatePattern.Iso.Parse(text) is { Success: true } day ? day.Value
        : throw new ProblemException(ErrorClass.SemanticTime, $"{name} is a date like 2026-01-10.", name);
}
