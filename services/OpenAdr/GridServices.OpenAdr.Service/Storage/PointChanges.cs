using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using GridServices.OpenAdr.Reports;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Service.Storage;

/// <summary>How the kept points of a VEN changed between two states.</summary>
internal sealed record PointChanges(IReadOnlyList<(string RId, ReportPoint Point)> Written, IReadOnlyList<(string RId, Instant At)> Removed)
{
    private static readonly ImmutableSortedDictionary<string, ValueList<ReportPoint>> NoPoints = ImmutableSortedDictionary<string, ValueList<ReportPoint>>.Empty;

    public bool IsEmpty => Written.Count == 0 && Removed.Count == 0;

    public static PointChanges Between(
        ImmutableSortedDictionary<string, ValueList<ReportPoint>>? before, ImmutableSortedDictionary<string, ValueList<ReportPoint>> after)
    {
        before ??= NoPoints;
        if (ReferenceEquals(before, after))
        {
            return new PointChanges([], []);
        }

        var written = new List<(string, ReportPoint)>();
        var removed = new List<(string, Instant)>();
        foreach (var rId in before.Keys.Union(after.Keys, StringComparer.Ordinal))
        {
            var old = before.GetValueOrDefault(rId, []);
            var fresh = after.GetValueOrDefault(rId, []);
            if (old.Equals(fresh))
            {
                continue;
            }

            var known = old.ToDictionary(p => p.At);
            foreach (var point in fresh)
            {
                if (!known.Remove(point.At, out var held) || held != point)
                {
                    written.Add((rId, point));
                }
            }

            removed.AddRange(known.Keys.Select(at => (rId, at)));
        }

        return new PointChanges(written, removed);
    }

    public async Task SaveAsync(DbTransaction tx, EngineId ven)
    {
        foreach (var (rId, at) in Removed)
        {
            await tx.Connection!.ExecuteAsync(
                "DELETE FROM report_points WHERE tenant = @Tenant AND ven_key = @Key AND r_id = @rId AND at = @at",
                new { ven.Tenant, ven.Key, rId, at },
                tx);
        }

        foreach (var (rId, point) in Written)
        {
            await tx.Connection!.ExecuteAsync(
                """
                INSERT INTO report_points (tenant, ven_key, r_id, at, value, manual_override) VALUES (@Tenant, @Key, @rId, @At, @Value, @manual)
                ON CONFLICT (tenant, ven_key, r_id, at) DO UPDATE SET value = excluded.value, manual_override = excluded.manual_override
                """,
                new { ven.Tenant, ven.Key, rId, point.At, point.Value, manual = point.ManualOverride is { } flag ? (flag ? 1L : 0L) : (long?)null },
                tx);
        }
    }
}
