using Dapper;
using Npgsql;

namespace GridServices.Hosting;

/// <summary>
/// Which of the processes started on one schema may write: the one whose session holds an advisory lock, which the server drops with the session,
/// in the term that it began in <c>store_owner</c>. Every transaction shows its term and holds that row until it ends; whoever takes over begins the next
/// term, which waits for those transactions. So nobody writes after another has begun, even where its session broke and it does not know yet.
/// </summary>
internal sealed class PostgreSqlOwner : IAsyncDisposable
{
    internal const string Table =
        "CREATE TABLE IF NOT EXISTS store_owner (one BIGINT PRIMARY KEY CHECK (one = 1), term BIGINT NOT NULL, holder TEXT NOT NULL, since BIGINT NOT NULL)";

    private const int AnswerSeconds = 5;

    // A machine that loses its power says nothing to the server; without these the lock would stand for two hours.
    private const string Session =
        """
        SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;
        SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('idle_session_timeout', 'statement_timeout')
        """;

    private const string Lock = "SELECT pg_try_advisory_lock(hashtextextended(@_key, 0))";

    private const string Held =
        """
        SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()
            AND ((classid::bigint << 32) | objid::bigint) = hashtextextended(@_key, 0))
        """;

    private const string NextTerm =
        """
        INSERT INTO store_owner (one, term, holder, since) VALUES (1, 1, @holder, @now)
        ON CONFLICT (one) DO UPDATE SET term = store_owner.term + 1, holder = excluded.holder, since = excluded.since RETURNING term
        """;

    private readonly NpgsqlDataSource _sessions;
    private readonly string _key;
    private NpgsqlConnection? _session;
    private long _term;

    internal PostgreSqlOwner(NpgsqlConnectionStringBuilder settings, string schema)
    {
        // Not from the pool, which may take any connection back; and never a statement's time to notice that the server is gone.
        _sessions = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(settings.ToString()) { Pooling = false, KeepAlive = AnswerSeconds, CommandTimeout = AnswerSeconds });
        _key = $"gridservices.{schema}.owner";
    }

    /// <summary>Another process began a later term: this one may never write again.</summary>
    internal bool IsLost { get; private set; }

    /// <summary>Takes the right to write, or takes it again after the session broke, if nobody had it in between.</summary>
    internal async Task<bool> TryTakeAsync(string holder, long now, CancellationToken ct)
    {
        await EndSessionAsync();
        var session = await _sessions.OpenConnectionAsync(ct);
        try
        {
            await session.ExecuteAsync(Session);
            if (await session.ExecuteScalarAsync<bool>(Lock, new { _key }) && await HasTermAsync(session, holder, now))
            {
                _session = session;
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
        try
        {
            return _session is not null && await _session.ExecuteScalarAsync<bool>(Held, new { _key });
        }
        catch (Exception lost) when (lost is NpgsqlException or InvalidOperationException or TimeoutException)
        {
            return false;
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
        await EndSessionAsync();
        await _sessions.DisposeAsync();
    }

    private async Task<bool> HasTermAsync(NpgsqlConnection session, string holder, long now)
    {
        if (_term == 0)
        {
            Volatile.Write(ref _term, await session.ExecuteScalarAsync<long>(NextTerm, new { holder, now }));
            return true;
        }

        IsLost |= await session.ExecuteScalarAsync<long>("SELECT term FROM store_owner WHERE one = 1") != _term;
        return !IsLost;
    }

    internal async Task EndSessionAsync()
    {
        if (_session is { } session)
        {
            _session = null;
            await session.DisposeAsync();
        }
    }
}
