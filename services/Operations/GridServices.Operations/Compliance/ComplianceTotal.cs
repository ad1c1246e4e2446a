using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Compliance;

/// <summary>How many reports came to what.</summary>
public sealed record VerdictCounts(int Met, int Partly, int Missed, int OptedOut, int Excused, int NoData, int Provisional)
{
    public int All => Met + Partly + Missed + OptedOut + Excused + NoData + Provisional;

    public static VerdictCounts Count(IReadOnlyCollection<ComplianceReport> reports)
    {
        int Count(ComplianceVerdict verdict) => reports.Count(r => r.Verdict == verdict);
        return new VerdictCounts(
            Count(ComplianceVerdict.Met), Count(ComplianceVerdict.Partly), Count(ComplianceVerdict.Missed), Count(ComplianceVerdict.OptedOut),
            Count(ComplianceVerdict.Excused), Count(ComplianceVerdict.NoData), Count(ComplianceVerdict.Provisional));
    }
}

/// <summary>Several reports together: an event over its sites, or a month over its events.</summary>
public sealed record ComplianceTotal
{
    public required VerdictCounts Verdicts { get; init; }
    public decimal DeliveredKwh { get; init; }

    /// <summary>Of those that took part; who opted out or was excused is in neither sum.</summary>
    public decimal CountedKwh { get; init; }

    public decimal NominatedKwh { get; init; }

    /// <summary>Nominated energy of those that opted out or were excused.</summary>
    public decimal NominatedOutKwh { get; init; }

    /// <summary>Counted ÷ nominated; null where nothing was nominated, or nobody has data.</summary>
    public decimal? Score { get; init; }

    /// <summary>No as soon as one is no; yes only where all are.</summary>
    public required LimitAnswer LimitRespected { get; init; }

    public decimal OverSeconds { get; init; }
    public decimal OverWh { get; init; }

    /// <summary>How long power or limits are not known.</summary>
    public decimal UnknownSeconds { get; init; }

    /// <summary>Final only where every report is.</summary>
    public required ReportStatus Status { get; init; }

    /// <summary>The reports' hashes, in order.</summary>
    public ValueList<string> Reports { get; init; } = [];

    public static ComplianceTotal Compute(IReadOnlyCollection<ComplianceReport> reports)
    {
        ComplianceReport[] taking = [.. reports.Where(r => r.Verdict is not (ComplianceVerdict.OptedOut or ComplianceVerdict.Excused))];
        var (counted, nominated) = (taking.Sum(r => r.CountedKwh), taking.Sum(r => r.NominatedKwh));
        return new ComplianceTotal
        {
            Verdicts = VerdictCounts.Count(reports),
            DeliveredKwh = taking.Sum(r => r.DeliveredKwh),
            CountedKwh = counted,
            NominatedKwh = nominated,
            NominatedOutKwh = reports.Sum(r => r.NominatedKwh) - nominated,
            Score = nominated > 0 && taking.Any(r => r.Score is not null) ? decimal.Round(counted / nominated, 6, MidpointRounding.ToZero) : null,
            LimitRespected = reports.Any(r => r.Limit.Respected == LimitAnswer.No) ? LimitAnswer.No
                : reports.Count > 0 && reports.All(r => r.Limit.Respected == LimitAnswer.Yes) ? LimitAnswer.Yes
                : LimitAnswer.Unknown,
            OverSeconds = reports.Sum(r => r.Limit.OverSeconds),
            OverWh = reports.Sum(r => r.Limit.OverWh),
            UnknownSeconds = reports.Sum(r => r.Limit.UnknownSeconds),
            Status = reports.Count > 0 && reports.All(r => r.Status == ReportStatus.Final) ? ReportStatus.Final : ReportStatus.Preliminary,
            Reports = reports.Select(r => r.Hash).Order(StringComparer.Ordinal).ToValueList(),
        };
    }
}

/// <summary>A site's month in a program.</summary>
/// <param name="SiteId">Which site.</param>
/// <param name="ProgramCode">Which program.</param>
/// <param name="Month">In which the events began, by the site's clock.</param>
/// <param name="Total">Of its events.</param>
public sealed record ComplianceMonth(string SiteId, string ProgramCode, YearMonth Month, ComplianceTotal Total)
{
    public static IReadOnlyList<ComplianceMonth> Group(IEnumerable<ComplianceReport> reports) =>
    [
        .. reports.GroupBy(r => (r.Head.SiteId, r.Head.ProgramCode, Month: r.Head.From.InZone(DateTimeZoneProviders.Tzdb[r.Head.Zone]).Date.ToYearMonth()))
            .OrderBy(g => g.Key.SiteId, StringComparer.Ordinal).ThenBy(g => g.Key.ProgramCode, StringComparer.Ordinal).ThenBy(g => g.Key.Month)
            .Select(g => new ComplianceMonth(g.Key.SiteId, g.Key.ProgramCode, g.Key.Month, ComplianceTotal.Compute([.. g]))),
    ];
}
