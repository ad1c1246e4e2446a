namespace GridServices.Hosting.Storage;

/// <summary>Where a store lies: a folder for SQLite, or a connection string for PostgreSQL, which wins.</summary>
public sealed record StoreOptions
{
    /// <summary>The service's name: the SQLite file <c>{Name}.db</c>, or the PostgreSQL schema with <c>-</c> as <c>_</c>.</summary>
    public required string Name { get; init; }

    /// <summary><c>Storage:Path</c>: made where it is missing.</summary>
    public string? Folder { get; init; }

    /// <summary>The same, absolute, or <c>data</c> where it is unset.</summary>
    internal string FullFolder => Path.GetFullPath(string.IsNullOrWhiteSpace(Folder) ? "data" : Folder);

    /// <summary><c>Storage:PostgreSql</c>, or <c>Cluster:PostgreSql</c>.</summary>
    public string? PostgreSql { get; init; }

    /// <summary>PostgreSQL schema; by default from <see cref="Name"/>.</summary>
    public string? Schema { get; init; }

    /// <summary>
    /// PostgreSQL: of all processes that open the store only one writes, and only after <c>Store.TryOwnAsync</c>; false where the service itself lets several work on it.
    /// </summary>
    public bool OneWriter { get; init; }

    /// <summary>The store of a service that was moved away, or may have been, is opened all the same, here and there.</summary>
    internal bool IgnoresMoveMark { get; init; }

    /// <summary>PostgreSQL: what its sessions are called; by default <see cref="Name"/>.</summary>
    public string? Sessions { get; init; }

    /// <summary>
    /// PostgreSQL: a transaction whose process does nothing for so long, or takes nothing of what it is sent (stopped, frozen), is ended by the server, so that
    /// nobody waits for its locks any longer. Null: as the server is set.
    /// </summary>
    public TimeSpan? StoppedAfter { get; init; }

    /// <summary>PostgreSQL: see <see cref="PostgreSqlLock.Silence"/>.</summary>
    internal TimeSpan TurnSilence { get; init; } = PostgreSqlLock.Silence;

    /// <summary>How many readers may work at once.</summary>
    public int Readers { get; init; } = 8;
}
