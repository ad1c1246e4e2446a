using System.Data.Common;
using System.Globalization;
using Dapper;
using GridServices.Tariffs.Intensity;
using NodaTime;

namespace GridServices.Tariffs.Service.Intensity;

/// <summary>Carbon intensity of grid zones on disk.</summary>
internal static class IntensityStore
{
    /// <summary>Owner of what is fetched for all tenants.</summary>
    public const string Everybody = "";

    /// <summary>Puts points in place of whatever they overlap; what sticks out of their whole span at either end stays.</summary>
    public static async Task PutAsync(DbTransaction tx, string tenant, IntensityCurve curve)
    {
        await ClearAsync(tx, tenant, curve.Zone, curve.Points[0].From, curve.Points[^1].Until);
        await AddAsync(tx, tenant, curve.Zone, curve.Points);
    }

    /// <summary>Takes out what is stored of [from, until), and no more.</summary>
    public static async Task ClearAsync(DbTransaction tx, string tenant, string zone, Instant from, Instant until)
    {
        var held = (await OwnAsync(tx.Connection!, tx, tenant, zone, from, until)).Points;
        await tx.Connection!.ExecuteAsync(
            "DELETE FROM intensity_points WHERE tenant = @tenant AND grid_zone = @zone AND from_at < @until AND until_at > @from", new { tenant, zone, from, until }, tx);
        IEnumerable<IntensityPoint> rests = held.Where(p => p.From < from).Select(p => p with { Until = from }).Concat(held.Where(p => p.Until > until).Select(p => p with { From = until }));
        await AddAsync(tx, tenant, zone, rests);
    }

    private static async Task AddAsync(DbTransaction tx, string tenant, string zone, IEnumerable<IntensityPoint> points)
    {
        foreach (var point in points)
        {
            await tx.Connection!.ExecuteAsync(
                "INSERT INTO intensity_points (tenant, grid_zone, from_at, until_at, grams) VALUES (@tenant, @zone, @From, @Until, @grams)",
                new { tenant, zone, point.From, point.Until, grams = point.GramsPerKwh.ToString(CultureInfo.InvariantCulture) },
                tx);
        }
    }

    /// <summary>The points that [from, until) touches: the tenant's own where it ever put any of the zone, for a gap in them is meant; else those fetched for all.</summary>
    public static async Task<IntensityCurve> PointsAsync(DbConnection db, DbTransaction? tx, string tenant, string zone, Instant from, Instant until) =>
        await OwnAsync(db, tx, tenant, zone, from, until) is { Points.IsEmpty: false } own ? own
        : await HasOwnAsync(db, tx, tenant, zone) ? new IntensityCurve(zone, [])
        : await OwnAsync(db, tx, Everybody, zone, from, until);

    private static async Task<bool> HasOwnAsync(DbConnection db, DbTransaction? tx, string tenant, string zone) => await db.QueryFirstOrDefaultAsync<string>(
        "SELECT grid_zone FROM intensity_points WHERE tenant = @tenant AND grid_zone = @zone LIMIT 1", new { tenant, zone }, tx) is not null;

    private static async Task<IntensityCurve> OwnAsync(DbConnection db, DbTransaction? tx, string tenant, string zone, Instant from, Instant until)
    {
        var rows = await db.QueryAsync<PointRow>(
            """
            SELECT from_at AS FromAt, until_at AS UntilAt, grams AS Grams FROM intensity_points
            WHERE tenant = @tenant AND grid_zone = @zone AND from_at < @until AND until_at > @from ORDER BY from_at
            """,
            new { tenant, zone, from, until },
            tx);
        return new IntensityCurve(zone, [.. rows.Select(r => new IntensityPoint(r.FromAt, r.UntilAt, decimal.Parse(r.Grams, CultureInfo.InvariantCulture)))]);
    }

    /// <summary>Whether anything is stored of a zone, by the tenant or for all.</summary>
    public static async Task<bool> AnyAsync(DbConnection db, DbTransaction? tx, string tenant, string zone) => await db.QueryFirstOrDefaultAsync<string>(
        "SELECT grid_zone FROM intensity_points WHERE (tenant = @tenant OR tenant = @Everybody) AND grid_zone = @zone LIMIT 1", new { tenant, zone, Everybody }, tx) is not null;

    private sealed class PointRow
    {
        public Instant FromAt { get; set; }
        public Instant UntilAt { get; set; }
        public string Grams { get; set; } = "0";
    }
}
