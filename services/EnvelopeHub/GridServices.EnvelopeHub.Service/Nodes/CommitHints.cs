using System.Threading.Channels;
using Dapper;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Storage;
using Npgsql;

namespace GridServices.EnvelopeHub.Service.Nodes;

/// <summary>
/// Tells the other instances that something was committed, and hears it of them (PostgreSQL NOTIFY), so that they look at once. Hints only: a connection
/// may die without a word, and each instance looks several times a second anyhow.
/// </summary>
internal sealed partial class CommitHints(CommitNotices notices, StoreFreshness freshness, Store store, ClusterOptions cluster, TimeProvider time, ILogger<CommitHints> logger) : BackgroundService
{
    private const int AnswerSeconds = 5;
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    // A name of any schema fits.
    private const string NamedChannel = "SELECT 'gridservices_hub_' || substr(md5(current_schema()), 1, 16)";

    // After the commit and on its own: a NOTIFY inside it would hold the server's one lock for notices while the commit waits for the disk.
    private const string Notify =
        "WITH quick AS (SELECT set_config('synchronous_commit', 'off', true)) SELECT pg_notify(@channel, @node)::text FROM quick";

    // One that is stopped or cut off takes no notices, and the server would keep them for it. Servers before version 14 do not know the second.
    private const string EndSilent =
        "SET tcp_user_timeout = 60000; SELECT set_config(name, '60000', false) FROM pg_settings WHERE name = 'idle_session_timeout'";

    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>What the server calls the connection that hears, by the instance's name.</summary>
    public static string GetApplicationName(string node) => $"hub-hints-{node}";

    /// <summary>Something was committed: the others are told soon, several commits at once where they come fast.</summary>
    public void Send()
    {
        if (notices.IsShared)
        {
            _due.Writer.TryWrite(true);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (notices.IsShared)
        {
            await Task.WhenAll(SendAsync(stoppingToken), ListenAsync(stoppingToken));
        }
    }

    private async Task SendAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                var channel = await ChannelAsync(ct);
                while (await _due.Reader.WaitToReadAsync(ct))
                {
                    _due.Reader.TryRead(out _);
                    await store.ReadAsync(db => db.ExecuteAsync(Notify, new { channel, node = notices.Name }), ct);
                }
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception lost)
            {
                // Whatever it is: hints are no reason to end the hub.
                LogUnsent(logger, lost.Message);
                await PauseAsync(ct);
            }
        }
    }

    private async Task ListenAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await using var connection = await OpenAsync(ct);

                // What was committed while nobody listened.
                freshness.Wake();
                await ReceiveAsync(connection, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception lost)
            {
                LogLost(logger, lost.Message);
                await PauseAsync(ct);
            }
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken ct)
    {
        // Not of the pool, and with a probe of its own: a connection whose other end is gone waits for ever.
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(cluster.PostgreSql) { Pooling = false, CommandTimeout = AnswerSeconds, Timeout = AnswerSeconds, ApplicationName = GetApplicationName(notices.Name) }.ToString());
        try
        {
            await connection.OpenAsync(ct);
            connection.Notification += (_, notice) =>
            {
                if (!string.Equals(notice.Payload, notices.Name, StringComparison.Ordinal))
                {
                    freshness.Wake();
                }
            };
            await connection.ExecuteAsync(EndSilent);
            await connection.ExecuteAsync($"LISTEN \"{await ChannelAsync(ct)}\"");
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task ReceiveAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var said = time.GetTimestamp();
        while (true)
        {
            // The server ends a session that says nothing, however much it hears.
            if (!await connection.WaitAsync(ProbeInterval, ct) || time.GetElapsedTime(said) >= ProbeInterval)
            {
                await connection.ExecuteAsync("SELECT 1");
                said = time.GetTimestamp();
            }
        }
    }

    private async Task<string> ChannelAsync(CancellationToken ct) =>
        await store.ReadAsync(db => db.ExecuteScalarAsync<string>(NamedChannel), ct) ?? throw new StoreUnavailableException("The store's schema is gone.");

    private async Task PauseAsync(CancellationToken ct) => await Task.Delay(RetryInterval, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    [LoggerMessage(EventIds.CommitHintsUnsent, LogLevel.Debug, "Other instances could not be told that something was committed; they see it a little later: {Reason}")]
    private static partial void LogUnsent(ILogger logger, string reason);

    [LoggerMessage(EventIds.CommitHintsLost, LogLevel.Warning, "The connection that hears of other instances' commits was lost and is opened again; until then they are seen a little later: {Reason}")]
    private static partial void LogLost(ILogger logger, string reason);
}
