using GridServices.Hosting.Configuration;

namespace GridServices.Hosting;

/// <summary>Where the plan and the history of recurring jobs are kept.</summary>
public sealed record JobOptions : ISettings
{
    public static string Section => "Jobs";

    /// <summary>Connection string; where it is unset: in memory. What is due is always in the service's own tables, so nothing is lost with the memory.</summary>
    public string? PostgreSql { get; init; }

    /// <summary>Schema in PostgreSQL, of the jobs alone; where it is unset: the service's name, with `_` for `-`, and `_jobs`.</summary>
    public string? Schema { get; init; }

    /// <summary>Jobs at once; at most as many as the service has.</summary>
    public int Workers { get; init; } = 4;

    public IEnumerable<string> Validate() => Bounds.Within("Jobs:Workers", Workers, 1, 64);
}
