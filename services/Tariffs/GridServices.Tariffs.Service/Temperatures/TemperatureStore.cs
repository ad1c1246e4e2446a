using System.Data.Common;
using System.Globalization;
using Dapper;
using GridServices.Tariffs.Weather;
using NodaTime;

namespace GridServices.Tariffs.Service.Temperatures;

/// <summary>Temperatures of stations on disk.</summary>
internal static class TemperatureStore
{
    private const int PointsOfAStatement = 250;

    /// <summary>Puts points in place of whatever they overlap; what sticks out of their whole span at either end stays.</summary>
    public static async Task PutAsync(DbTransaction tx, string tenant, TemperatureCurve curve)
    {
        var (station, from, until) = (curve.Station, curve.Points[0].From, curve.Points[^1].Until);
        var held = (await PointsAsync(tx.Connection!, tx, tenant, station, from, until)).Points;
        await tx.Connection!.ExecuteAsync(
            "DELETE FROM temperature_points WHERE tenant = @tenant AND station = @station AND from_at < @until AND until_at > @from", new { tenant, station, from, until }, tx);
        var rests = held.Where(p => p.From < from).Select(p => p with { Until = from }).Concat(held.Where(p => p.Until > until).Select(p => p with { From = until }));
        foreach (var points in rests.Concat(curve.Points).Chunk(PointsOfAStatement))
        {
            await InsertAsync(tx, tenant, station, points);
        }
    }

    private static Task<int> InsertAsync(DbTransaction tx, string tenant, string station, TemperaturePoint[] points)
    {
        var values = new DynamicParameters(new { tenant, station });
        for (var i = 0; i < points.Length; i++)
        {
            values.Add($"f{i}", points[i].From);
            values.Add($"u{i}", points[i].Until);
            values.Add($"c{i}", points[i].Celsius.ToString(CultureInfo.InvariantCulture));
        }

        var rows = string.Join(", ", Enumerable.Range(0, points.Length).Select(i => string.Create(CultureInfo.InvariantCulture, $"(@tenant, @station, @f{i}, @u{i}, @c{i})")));
        return tx.Connection!.ExecuteAsync($"INSERT INTO temperature_points (tenant, station, from_at, until_at, celsius) VALUES {rows}", values, tx);
    }

    /// <summary>The points that [from, until) touches.</summary>
    public static async Task<TemperatureCurve> PointsAsync(DbConnection db, DbTransaction? tx, string tenant, string station, Instant from, Instant until)
    {
        var rows = await db.QueryAsync<PointRow>(
            """
            SELECT from_at AS FromAt, until_at AS UntilAt, celsius AS Celsius FROM temperature_points
            WHERE tenant = @tenant AND station = @station AND from_at < @until AND until_at > @from ORDER BY from_at
            """,
            new { tenant, station, from, until },
            tx);
        return new TemperatureCurve(station, [.. rows.Select(r => new TemperaturePoint(r.FromAt, r.UntilAt, decimal.Parse(r.Celsius, CultureInfo.InvariantCulture)))]);
    }

    private sealed class PointRow
    {
        public Instant FromAt { get; set; }
        public Instant UntilAt { get; set; }
        public string Celsius { get; set; } = "0";
    }
}
