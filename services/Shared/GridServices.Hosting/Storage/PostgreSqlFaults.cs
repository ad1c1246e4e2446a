using System.Data;
using System.Net.Sockets;
using Npgsql;

namespace GridServices.Hosting.Storage;

/// <summary>PostgreSQL SQLSTATEs that say "again" or "not now" rather than "not so".</summary>
internal static class PostgreSqlFaults
{
    /// <summary>
    /// Works with an open connection. One that breaks while a statement begins, or while the pool lets go of its sisters, shows as the driver's own parts that
    /// are disposed of: that is a lost connection like any other.
    /// </summary>
    /// <exception cref="NpgsqlException">The connection was lost (<see cref="IsBrokenConnection"/>), or what the server says.</exception>
    internal static async Task<T> OnAsync<T>(NpgsqlConnection db, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (InvalidOperationException gone) when (gone is ObjectDisposedException || db.State != ConnectionState.Open)
        {
            throw new NpgsqlException("The connection to the store was lost", new IOException("the connection ended", gone));
        }
    }

    /// <summary>The server undid the transaction for another one's sake: running it again is the documented cure.</summary>
    internal static bool IsContention(NpgsqlException fault) =>
        fault is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected };

    // This process was stopped in the middle of a transaction, which was asked to end then.
    private const string IdleInTransaction = "25P03";

    /// <summary>The connection ended before the commit was sent, so nothing of the transaction stands.</summary>
    internal static bool IsBrokenConnection(NpgsqlException fault) =>
        fault is PostgresException server ? server.SqlState is "57P01" or "57P02" or IdleInTransaction : fault.InnerException is IOException or SocketException;

    internal static bool IsUnavailable(NpgsqlException fault) =>
        fault is not PostgresException server
        || IsContention(fault)
        || server.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable or IdleInTransaction
        || server.SqlState.StartsWith("08", StringComparison.Ordinal)

        // Refused at the door, or the database is not there yet: a server that fails over, a password that is being exchanged. Nothing was asked of it.
        || server.SqlState.StartsWith("28", StringComparison.Ordinal)
        || server.SqlState == PostgresErrorCodes.InvalidCatalogName
        || server.SqlState.StartsWith("53", StringComparison.Ordinal)
        || server.SqlState.StartsWith("57P", StringComparison.Ordinal)
        || server.SqlState.StartsWith("58", StringComparison.Ordinal)
        || server.SqlState.StartsWith("XX", StringComparison.Ordinal);

    internal static string Explain(NpgsqlException fault) => fault switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => "the database's disk is full",
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => "the database is read-only",
        PostgresException server when IsContention(server) => "too many writers at once",
        PostgresException server => $"{server.MessageText} ({server.SqlState})",
        _ => (fault.InnerException ?? fault).Message.TrimEnd('.'),
    };
}
