using Microsoft.Data.Sqlite;

namespace GridServices.Hosting.Storage;

/// <summary>SQLite result codes that say "not now" rather than "not so".</summary>
internal static class SqliteFaults
{
    private const int Busy = 5, Locked = 6, NoMemory = 7, ReadOnly = 8, IoError = 10, Corrupt = 11, Full = 13, CantOpen = 14, NotADatabase = 26;

    internal static bool IsUnavailable(SqliteException fault) =>
        fault.SqliteErrorCode is Busy or Locked or NoMemory or ReadOnly or IoError or Corrupt or Full or CantOpen or NotADatabase;

    internal static StoreUnavailableException Unavailable(SqliteException fault) => new($"The store can't do this now: {Explain(fault)}.", fault);

    internal static string Explain(SqliteException fault) => fault.SqliteErrorCode switch
    {
        Busy or Locked => "it is locked by another process",
        ReadOnly => "it is read-only",
        IoError => "the disk can't be read or written",
        Corrupt => "the file is damaged",
        Full => "the disk is full",
        CantOpen => "the file can't be opened",
        NotADatabase => "the file is not a database",
        _ => $"SQLite error {fault.SqliteErrorCode}",
    };
}
