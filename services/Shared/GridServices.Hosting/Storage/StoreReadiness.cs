using Dapper;

namespace GridServices.Hosting.Storage;

/// <summary>Whether the store can be read and written; asked at most once a second however often readiness is asked.</summary>
internal sealed class StoreReadiness(Store store, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    // A service that stored something this lately needs no test commit.
    private static readonly TimeSpan CommitAge = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _asking = new(1, 1);
    private string? _answer;
    private long? _askedAt;

    internal async Task<string?> CheckAsync(CancellationToken ct)
    {
        await _asking.WaitAsync(ct);
        try
        {
            if (_askedAt is not { } last || time.GetElapsedTime(last) >= Fresh)
            {
                _answer = await QueryAsync(ct);
                _askedAt = time.GetTimestamp();
            }

            return _answer;
        }
        finally
        {
            _asking.Release();
        }
    }

    public void Dispose() => _asking.Dispose();

    private async Task<string?> QueryAsync(CancellationToken ct)
    {
        try
        {
            await store.ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM schema_version"), ct);
        }
        catch (Exception away) when (away is StoreUnavailableException or System.Data.Common.DbException)
        {
            return away.Message;
        }

        var failing = store.Commits.Failing?.Reason
            ?? (store.Commits.SinceGood < CommitAge ? null : await store.TestCommitAsync(ct));
        return failing is null ? null : $"nothing can be stored: {failing}";
    }
}
