using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.UtilityClients.Tls;

/// <summary>
/// Holds the current connection to a server and makes a new one when certificate files were exchanged or a certificate ended. New files that can't be used
/// leave the connection that works in place. Safe for several callers.
/// </summary>
/// <param name="authority">The server, for the log.</param>
/// <param name="paths">The files, looked at every ten seconds.</param>
/// <param name="connect">Makes a connection by the files as they are now; throws <see cref="CertificateFileException"/>.</param>
/// <param name="clock">Now.</param>
/// <param name="log">For changes.</param>
public sealed class ConnectionHolder<TConnection>(string authority, CertificatePaths paths, Func<TConnection> connect, IClock clock, ILogger log) : IDisposable
    where TConnection : UtilityConnection
{
    private static readonly Duration FileCheckInterval = Duration.FromSeconds(10);
    private readonly Lock _lock = new();
    private volatile TConnection? _connection;
    private Instant _checkedAt;
    private FileStamps? _refused;

    /// <summary>The connection as it is; null before the first use.</summary>
    public TConnection? Latest => _connection;

    /// <exception cref="CertificateFileException">The files can't be used, and there is no connection from before.</exception>
    public TConnection Current()
    {
        lock (_lock)
        {
            var now = clock.GetCurrentInstant();
            var isUsable = _connection is { } held && !held.IsExpired(now);
            if (isUsable && now >= _checkedAt && now - _checkedAt < FileCheckInterval)
            {
                return _connection!;
            }

            _checkedAt = now;
            var stamps = FileStamps.From(paths);
            return isUsable && stamps == _connection!.Files.Stamps ? _connection : Replace(isUsable, stamps);
        }
    }

    public void Dispose() => _connection?.Dispose();

    private TConnection Replace(bool isUsable, FileStamps stamps)
    {
        var held = _connection;
        TConnection fresh;
        try
        {
            fresh = connect();
        }
        catch (CertificateFileException e) when (held is not null && isUsable)
        {
            // Once for each attempt to fix it, not every ten seconds.
            if (stamps != _refused)
            {
                ConnectionLog.KeptOldCertificate(log, authority, e.Message);
            }

            _refused = stamps;
            return held;
        }

        if (held is not null)
        {
            ConnectionLog.Reconnecting(log, authority);
            held.Dispose();
        }

        return _connection = fresh;
    }
}

/// <summary>What is logged of connections.</summary>
internal static partial class ConnectionLog
{
    [LoggerMessage(EventId = EventIds.ConnectionHolderKept, Level = LogLevel.Warning, Message = "Changed certificate files for {Authority} can't be used, the earlier ones stay in use: {Problem}")]
    public static partial void KeptOldCertificate(ILogger log, string authority, string problem);

    [LoggerMessage(EventId = EventIds.ConnectionHolderRenewed, Level = LogLevel.Information, Message = "Reconnecting to {Authority}: certificate files changed or a certificate ended")]
    public static partial void Reconnecting(ILogger log, string authority);
}
