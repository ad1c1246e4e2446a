using System.Globalization;

namespace GridServices.Cluster.Membership;

/// <summary>A row of <c>cluster_members</c>; times are .NET ticks in UTC, as Orleans compares them.</summary>
internal sealed record MemberRow
{
    public string Silo { get; init; } = string.Empty;
    public long Etag { get; init; }

    /// <summary>The etag that the row must have to be changed.</summary>
    public long Before { get; init; }

    public long Status { get; init; }
    public string SiloName { get; init; } = string.Empty;
    public string HostName { get; init; } = string.Empty;
    public long ProxyPort { get; init; }

    /// <summary>Who suspects it since when: <c>silo ticks</c>, a line each.</summary>
    public string Suspects { get; init; } = string.Empty;

    public long StartedAt { get; init; }
    public long AliveAt { get; init; }

    public static MemberRow From(MembershipEntry entry, int version) => new()
    {
        Silo = entry.SiloAddress.ToParsableString(),
        Etag = version,
        Status = (long)entry.Status,
        SiloName = entry.SiloName ?? string.Empty,
        HostName = entry.HostName ?? string.Empty,
        ProxyPort = entry.ProxyPort,
        Suspects = string.Join('\n', (entry.SuspectTimes ?? []).Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Item1.ToParsableString()} {s.Item2.Ticks}"))),
        StartedAt = entry.StartTime.Ticks,
        AliveAt = entry.IAmAliveTime.Ticks,
    };

    public MembershipEntry ToEntry() => new()
    {
        SiloAddress = SiloAddress.FromParsableString(Silo),
        Status = (SiloStatus)Status,
        SiloName = SiloName,
        HostName = HostName,
        ProxyPort = checked((int)ProxyPort),
        SuspectTimes = [.. Suspects.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ParseSuspect)],
        StartTime = new DateTime(StartedAt, DateTimeKind.Utc),
        IAmAliveTime = new DateTime(AliveAt, DateTimeKind.Utc),
    };

    private static Tuple<SiloAddress, DateTime> ParseSuspect(string line)
    {
        var at = line.LastIndexOf(' ');
        return Tuple.Create(SiloAddress.FromParsableString(line[..at]), new DateTime(long.Parse(line.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture), DateTimeKind.Utc));
    }
}
