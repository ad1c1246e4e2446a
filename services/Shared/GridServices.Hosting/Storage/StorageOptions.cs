namespace GridServices.Hosting;

/// <summary>Where the service keeps its store.</summary>
public sealed record StorageOptions : ISettings
{
    public static string Section => "Storage";

    /// <summary>Folder of the SQLite file `{service}.db`; where it is unset: `data`.</summary>
    public string? Path { get; init; }

    /// <summary>Connection string; then the store is a schema there, and `Path` keeps only what is in files. With `Cluster:PostgreSql`: there.</summary>
    public string? PostgreSql { get; init; }

    /// <summary>Schema in PostgreSQL; where it is unset: the service's name, with `_` for `-`.</summary>
    public string? Schema { get; init; }

    /// <summary>The folder for files, as it is set or by default.</summary>
    public string Folder => Path is { Length: > 0 } ? Path : "data";

    public IEnumerable<string> Validate() => [];
}
