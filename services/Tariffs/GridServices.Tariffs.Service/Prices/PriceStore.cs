using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using Dapper;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Prices;
using GridServices.Tariffs.Time;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Service.Prices;

/// <summary>Price series and fetched market days on disk.</summary>
internal static class PriceStore
{
    /// <summary>Owner of what is fetched for all tenants.</summary>
    public const string Everybody = "";

    /// <summary>Puts points in place of all that is stored from the first to the last of them; what sticks out at either end stays.</summary>
    public static async Task PutAsync(DbTransaction tx, string tenant, PriceCurve curve, string currency)
    {
        await ClearAsync(tx, tenant, curve.Series, curve.Points.Min(p => p.From), curve.Points.Max(p => p.Until));
        foreach (var point in curve.Points)
        {
            await AddAsync(tx, tenant, curve.Series, point.From, point.Until, point.Price.ToString(CultureInfo.InvariantCulture), currency);
        }
    }

    /// <summary>Takes out what is stored of [from, until), and no more.</summary>
    public static async Task ClearAsync(DbTransaction tx, string tenant, string series, Instant from, Instant until)
    {
        var held = await RowsAsync(tx.Connection!, tx, tenant, series, from, until);
        await tx.Connection!.ExecuteAsync(
            "DELETE FROM price_points WHERE tenant = @tenant AND series = @series AND from_at < @until AND until_at > @from", new { tenant, series, from, until }, tx);
        foreach (var row in held.Where(r => r.FromAt < from))
        {
            await AddAsync(tx, tenant, series, row.FromAt, from, row.Price, row.Currency);
        }

        foreach (var row in held.Where(r => r.UntilAt > until))
        {
            await AddAsync(tx, tenant, series, until, row.UntilAt, row.Price, row.Currency);
        }
    }

    private static Task<int> AddAsync(DbTransaction tx, string tenant, string series, Instant from, Instant until, string price, string currency) => tx.Connection!.ExecuteAsync(
        "INSERT INTO price_points (tenant, series, from_at, until_at, price, currency) VALUES (@tenant, @series, @from, @until, @price, @currency)",
        new { tenant, series, from, until, price, currency },
        tx);

    private static async Task<PointRow[]> RowsAsync(DbConnection db, DbTransaction? tx, string owner, string series, Instant from, Instant until) => [.. await db.QueryAsync<PointRow>(
        """
        SELECT from_at AS FromAt, until_at AS UntilAt, price AS Price, currency AS Currency FROM price_points
        WHERE tenant = @owner AND series = @series AND from_at < @until AND until_at > @from ORDER BY from_at
        """,
        new { owner, series, from, until },
        tx)];

    /// <summary>The points of [from, until): the tenant's own series, else the one fetched for all.</summary>
    public static async Task<(PriceCurve Curve, string? Currency)> CurveAsync(DbConnection db, DbTransaction? tx, string tenant, string series, Instant from, Instant until)
    {
        foreach (var owner in new[] { tenant, Everybody })
        {
            var rows = await RowsAsync(db, tx, owner, series, from, until);
            if (rows.Length > 0)
            {
                // Points in two currencies are no one series: none of them can stand for the other.
                if (rows.Any(r => r.Currency != rows[0].Currency))
                {
                    break;
                }

                return (new PriceCurve(series, [.. rows.Select(r => new PricePoint(r.FromAt, r.UntilAt, decimal.Parse(r.Price, CultureInfo.InvariantCulture)))]), rows[0].Currency);
            }
        }

        return (new PriceCurve(series, []), null);
    }

    /// <summary>The series that a tariff's versions name; one in other money than the tariff's has no points for it.</summary>
    public static async Task<ImmutableArray<PriceCurve>> CurvesAsync(DbTransaction tx, string tenant, ImmutableArray<CompiledTariff> versions, Instant from, Instant until)
    {
        var curves = ImmutableArray.CreateBuilder<PriceCurve>();
        foreach (var series in OutlookReader.GetSeries(versions))
        {
            var (curve, currency) = await CurveAsync(tx.Connection!, tx, tenant, series, from, until);
            curves.Add(currency is null || currency == versions[0].Source.Currency ? curve : new PriceCurve(series, []));
        }

        return curves.ToImmutable();
    }

    public static async Task<Dictionary<(string Zone, LocalDate Day), DayAheadDay>> DaysAsync(DbConnection db, DbTransaction? tx, LocalDate since) =>
        (await db.QueryAsync<DayRow>(
            """
            SELECT zone AS Zone, day AS Day, state AS State, tries AS Tries, tried_at AS TriedAt, next_try_at AS NextTryAt, problem AS Problem
            FROM day_ahead_days WHERE day >= @since ORDER BY zone, day
            """,
            new { since = LocalDatePattern.Iso.Format(since) },
            tx)).Select(r => r.ToDay()).ToDictionary(d => (d.Zone, d.Day));

    public static Task SaveDayAsync(DbTransaction tx, DayAheadDay day, string? sha256, byte[]? document) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO day_ahead_days (zone, day, state, tries, tried_at, next_try_at, problem, sha256, document)
        VALUES (@Zone, @day, @state, @Tries, @TriedAt, @NextTryAt, @Problem, @sha256, @document)
        ON CONFLICT (zone, day) DO UPDATE SET state = excluded.state, tries = excluded.tries, tried_at = excluded.tried_at, next_try_at = excluded.next_try_at,
          problem = excluded.problem, sha256 = COALESCE(excluded.sha256, day_ahead_days.sha256), document = COALESCE(excluded.document, day_ahead_days.document)
        """,
        new
        {
            day.Zone,
            day = LocalDatePattern.Iso.Format(day.Day),
            state = day.State.ToString(),
            day.Tries,
            day.TriedAt,
            day.NextTryAt,
            day.Problem,
            sha256,
            document,
        },
        tx);

    public static async Task<(byte[] Document, string Sha256)?> DocumentAsync(DbConnection db, string zone, LocalDate day) =>
        await db.QuerySingleOrDefaultAsync<DocumentRow>(
            "SELECT document AS Document, sha256 AS Sha256 FROM day_ahead_days WHERE zone = @zone AND day = @day AND document IS NOT NULL", new { zone, day = LocalDatePattern.Iso.Format(day) })
            is { } row ? (row.Document, row.Sha256) : null;

    private sealed class PointRow
    {
        public Instant FromAt { get; set; }
        public Instant UntilAt { get; set; }
        public string Price { get; set; } = "0";
        public string Currency { get; set; } = string.Empty;
    }

    private sealed class DocumentRow
    {
        public byte[] Document { get; set; } = [];
        public string Sha256 { get; set; } = string.Empty;
    }

    private sealed class DayRow
    {
        public string Zone { get; set; } = string.Empty;
        public string Day { get; set; } = string.Empty;
        public string State { get; set; } = string.Empty;
        public long Tries { get; set; }
        public Instant TriedAt { get; set; }
        public Instant? NextTryAt { get; set; }
        public string? Problem { get; set; }

        public DayAheadDay ToDay() => new()
        {
            Zone = Zone,
            Day = LocalDatePattern.Iso.Parse(Day).Value,
            State = Enum.Parse<DayAheadState>(State),
            Tries = (int)Tries,
            TriedAt = TriedAt,
            NextTryAt = NextTryAt,
            Problem = Problem,
        };
    }
}
