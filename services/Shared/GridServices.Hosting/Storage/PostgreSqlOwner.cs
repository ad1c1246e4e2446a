using Dapper;
using Npgsql;

namespace GridServices.Hosting.Storage;

/// <summary>
/// Which of the processes started on one schema may write: the one whose session holds an advisory lock, which the server drops with the session,
/// in the term that it began in <c>store_owner</c>. Every transaction shows its term and holds that row until it ends; whoever takes over begins the next
/// term, which waits for those transactions. So nobody writes after another has begun, even where its session broke and it does not know yet.
/// A process that hangs (stopped, swapped out, its machine frozen) keeps its sessions: one that has not beaten for <see cref="SilenceSeconds"/> by the
/// server's clock loses them to whoever waits, and with them the lock.
/// </summary>
internal sealed class PostgreSqlOwner : IAsyncDisposable
{
    internal const string Table =
        "CREATE TABLE IF NOT EXISTS store_owner (one BIGINT PRIMARY KEY CHECK (one = 1), term BIGINT NOT NULL, holder TEXT NOT NULL, since BIGINT NOT NULL)";

    internal const string BeatTable =
        "CREATE TABLE IF NOT EXISTS store_owner_beat (one BIGINT PRIMARY KEY CHECK (one = 1), term BIGINT NOT NULL, at TIMESTAMPTZ NOT NULL)";

    /// <summary>Without a beat for so long the holder counts as hung. Six beats: a busy machine and a slow answer are no reason.</summary>
    internal const int SilenceSeconds = 30;

    private const int AnswerSeconds = 5;
    private const int UnlockSeconds = 2;
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(5);

    /// <summary>So long after it asked a holder is sure that nobody took over: its last beat may be older by <see cref="BeatInterval"/>, and it looks each second.</summary>
    internal static readonly TimeSpan SureFor = TimeSpan.FromSeconds(SilenceSeconds - 1) - BeatInterval;

    // A machine that loses its power says nothing to the server; without these the lock would stand for two hours.
    private const string Session =
        """
        SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;
        SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('idle_session_timeout', 'statement_timeout')
        """;

    private const string Lock = "SELECT pg_try_advisory_lock(hashtextextended(@_key, 0))";

    /// <summary>Whether this very session holds the lock, alone or shared; of a parameter <c>_key</c>.</summary>
    internal const string Held =
        """
        SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()
            AND ((classid::bigint << 32) | objid::bigint) = hashtextextended(@_key, 0))
        """;

    internal const string NextTerm =
        """
        INSERT INTO store_owner (one, term, holder, since) VALUES (1, 1, @holder, @now)
        ON CONFLICT (one) DO UPDATE SET term = store_owner.term + 1, holder = excluded.holder, since = excluded.since RETURNING term
        """;

    // Not in store_owner, whose row the holder's own transactions hold. A beat that a crash of the server loses was of a session that is lost as well.
    private const string Beat =
        """
        WITH quick AS (SELECT set_config('synchronous_commit', 'off', true))
        INSERT INTO store_owner_beat (one, term, at) SELECT 1, @term, clock_timestamp() FROM quick
        ON CONFLICT (one) DO UPDATE SET term = excluded.term, at = excluded.at WHERE store_owner_beat.term <= excluded.term
        """;

    // The holder's session and its transactions under way, and only where they are as old as the silence: who has just come has not had time to beat.
    // A holder of an older version never beats, and is never taken for hung.
    private const string EndHung =
        """
        SELECT COUNT(pg_terminate_backend(held.pid)) FROM (
            SELECT DISTINCT l.pid FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.granted AND l.pid <> pg_backend_pid() AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND ((l.locktype = 'advisory' AND l.mode = 'ExclusiveLock' AND ((l.classid::bigint << 32) | l.objid::bigint) IN (hashtextextended(@_key, 0), hashtextextended(@_tables, 0)))
                    OR (l.locktype = 'relation' AND l.relation = 'store_owner'::regclass AND l.mode = 'RowShareLock'))
                AND a.backend_start < clock_timestamp() - make_interval(secs => @SilenceSeconds)
                AND EXISTS (SELECT 1 FROM store_owner o JOIN store_owner_beat b ON b.term = o.term WHERE b.at < clock_timestamp() - make_interval(secs => @SilenceSeconds))) held
        """;

    private readonly NpgsqlDataSource _sessions;
    private readonly SemaphoreSlim _using = new(1, 1);
    private readonly CancellationTokenSource _ending = new();
    private Task _beating = Task.CompletedTask;
    private readonly string _key;
    private readonly string _tables;
    private NpgsqlConnection? _session;
    private long _term;
    private bool _disposed;

    internal PostgreSqlOwner(NpgsqlConnectionStringBuilder settings, string schema)
    {
        // Not from the pool, which may take any connection back; and never a statement's time to notice that the server is gone.
        _sessions = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(settings.ToString()) { Pooling = false, KeepAlive = AnswerSeconds, CommandTimeout = AnswerSeconds });
        _key = GetOwnerKey(schema);
        _tables = GetTablesKey(schema);
    }

    /// <summary>Held by the one process that may write; shared by the nodes of a cluster.</summary>
    internal static string GetOwnerKey(string schema) => $"gridservices.{schema}.owner";

    /// <summary>Held by whoever brings the tables up to date.</summary>
    internal static string GetTablesKey(string schema) => "gridservices.schema." + schema;

    /// <summary>Another process began a later term: this one may never write again.</summary>
    internal bool IsLost { get; private set; }

    /// <summary>Sessions of a hung holder that this process has ended.</summary>
    internal long Ended { get; private set; }

    /// <summary>Takes the right to write, or takes it again after the session broke, if nobody had it in between.</summary>
    internal async Task<bool> TryTakeAsync(string holder, long now, CancellationToken ct)
    {
        await _using.WaitAsync(ct);
        try
        {
            await CloseSessionAsync();
            return await TryTakeSessionAsync(holder, now, ct);
        }
        finally
        {
            _using.Release();
        }
    }

    private async Task<bool> TryTakeSessionAsync(string holder, long now, CancellationToken ct)
    {
        var session = await _sessions.OpenConnectionAsync(ct);
        try
        {
            await session.ExecuteAsync(Session);
            Ended += _term == 0 ? await session.ExecuteScalarAsync<long>(EndHung, new { _key, _tables, SilenceSeconds = (double)SilenceSeconds }) : 0;
            if (await HasTermAsync(session, await session.ExecuteScalarAsync<bool>(Lock, new { _key }), holder, now))
            {
                await session.ExecuteAsync(Beat, new { term = _term });
                _session = session;
                _beating = _beating.IsCompleted ? Task.Run(() => BeatAsync(_ending.Token), CancellationToken.None) : _beating;
                return true;
            }
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }

        await session.DisposeAsync();
        return false;
    }

    /// <summary>False where the session is gone, or a pooler between us and the server gave us another one.</summary>
    internal async Task<bool> IsHeldAsync()
    {
        await _using.WaitAsync();
        try
        {
            return _session is not null && await _session.ExecuteScalarAsync<bool>(Held, new { _key });
        }
        catch (Exception lost) when (lost is NpgsqlException or InvalidOperationException or TimeoutException)
        {
            return false;
        }
        finally
        {
            _using.Release();
        }
    }

    /// <summary>First in every transaction.</summary>
    /// <exception cref="StoreUnavailableException">Another process may write, this one may not.</exception>
    internal async Task RequireAsync(NpgsqlTransaction tx)
    {
        var term = Volatile.Read(ref _term);
        if (term != 0 && await tx.Connection!.ExecuteScalarAsync<long?>("SELECT term FROM store_owner WHERE one = 1 AND term = @term FOR SHARE", new { term }, tx) == term)
        {
            return;
        }

        IsLost |= term != 0;
        throw new StoreUnavailableException(
            term == 0 ? "This process is a stand-by and may not write to the store." : "Another process has taken over the store; this one may no longer write to it.");
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        await _ending.CancelAsync();
        await _beating;
        await EndSessionAsync();
        _disposed = true;
        await _sessions.DisposeAsync();
        _ending.Dispose();
        _using.Dispose();
    }

    /// <summary>A sign of life, whatever the process is busy with; the session's own fate is looked at by <see cref="IsHeldAsync"/>.</summary>
    private async Task BeatAsync(CancellationToken ct)
    {
        while (true)
        {
            // In real time, as the server's is.
            await Task.Delay(BeatInterval, TimeProvider.System, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ct.IsCancellationRequested)
            {
                return;
            }

            await _using.WaitAsync(CancellationToken.None);
            try
            {
                await (_session?.ExecuteAsync(Beat, new { term = _term }) ?? Task.FromResult(0));
            }
            catch (Exception lost) when (lost is NpgsqlException or InvalidOperationException or TimeoutException)
            {
                // The session is gone: whoever looks at it next begins another.
                continue;
            }
            finally
            {
                _using.Release();
            }
        }
    }

    /// <summary>The lock alone tells nothing to one that had it: its broken session holds it until the server has noticed. The term tells whether somebody took over.</summary>
    private async Task<bool> HasTermAsync(NpgsqlConnection session, bool locked, string holder, long now)
    {
        if (_term == 0)
        {
            Volatile.Write(ref _term, locked ? await session.ExecuteScalarAsync<long>(NextTerm, new { holder, now }) : 0);
            return locked;
        }

        IsLost |= await session.ExecuteScalarAsync<long>("SELECT term FROM store_owner WHERE one = 1") != _term;
        return locked && !IsLost;
    }

    internal async Task EndSessionAsync()
    {
        if (_disposed)
        {
            return;
        }

        await _using.WaitAsync();
        try
        {
            await UnlockAsync();
            await CloseSessionAsync();
        }
        finally
        {
            _using.Release();
        }
    }

    /// <summary>Given back in words: of a session that is merely closed the server drops the lock some time later, and who starts until then is a stand-by.</summary>
    private async Task UnlockAsync()
    {
        try
        {
            await (_session?.ExecuteAsync("SELECT pg_advisory_unlock(hashtextextended(@_key, 0))", new { _key }, commandTimeout: UnlockSeconds) ?? Task.FromResult(0));
        }
        catch (Exception lost) when (lost is NpgsqlException or InvalidOperationException or TimeoutException)
        {
            // The session is gone, and the lock goes with it.
            return;
        }
    }

    private async Task CloseSessionAsync()
    {
        if (_session is { } session)
        {
            _session = null;
            await session.DisposeAsync();
        }
    }
}
