using Dapper;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.Hosting.Hub;

/// <summary>
/// How far the hub's feedback is taken in: a batch counts once it is applied, and only in order. Kept in the service's own table
/// <c>feedback_cursors (hub TEXT PRIMARY KEY, cursor TEXT, updated_at BIGINT)</c>.
/// </summary>
public sealed class FeedbackProgress(Store store, IClock clock)
{
    private const string Hub = "hub";
    private const int MostKept = 1_000;
    private readonly Lock _lock = new();
    private Queue<Batch> _batches = new();
    private string? _reached;
    private string? _saved;

    /// <summary>The cursor up to which everything is applied; null while that is nothing new.</summary>
    public string? Reached
    {
        get
        {
            lock (_lock)
            {
                while (_batches.TryPeek(out var first) && IsApplied(first))
                {
                    _reached = _batches.Dequeue().Cursor;
                }

                return _reached == _saved ? null : _reached;
            }
        }
    }

    /// <summary>The next batch, which ends at a cursor.</summary>
    /// <param name="cursor">Where the hub is to go on after it.</param>
    /// <param name="applied">Ends well once it is applied; one that failed or was cancelled is not, and nothing counts beyond it.</param>
    public void Add(string cursor, Task applied)
    {
        lock (_lock)
        {
            if (_batches.Count >= MostKept)
            {
                // Behind one that is held up for long: of neighbours that are applied the last says it all.
                _batches = new([.. _batches.Zip(_batches.Skip(1)).Where(pair => !(IsApplied(pair.First) && IsApplied(pair.Second))).Select(pair => pair.First), _batches.Last()]);
            }

            _batches.Enqueue(new Batch(cursor, applied));
        }
    }

    /// <summary>Where following begins, or begins anew: what was under way then is read again.</summary>
    public async Task<string?> LoadAsync(CancellationToken ct)
    {
        var cursor = await store.ReadAsync(
            db => db.QuerySingleOrDefaultAsync<string?>("SELECT cursor FROM feedback_cursors WHERE hub = @Hub", new { Hub }), ct);
        lock (_lock)
        {
            _batches.Clear();
            _saved = _reached = cursor;
        }

        return cursor;
    }

    public async Task SaveAsync(string cursor, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        await store.WriteAsync(
            tx => tx.Connection!.ExecuteAsync(
                """
                INSERT INTO feedback_cursors (hub, cursor, updated_at) VALUES (@Hub, @cursor, @now)
                ON CONFLICT (hub) DO UPDATE SET cursor = excluded.cursor, updated_at = excluded.updated_at
                """,
                new { Hub, cursor, now },
                tx),
            ct);
        lock (_lock)
        {
            _saved = cursor;
        }
    }

    /// <summary>The hub's log began anew, or another node follows it from here on: what was reached and not saved means nothing there.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _batches.Clear();
            _reached = _saved;
        }
    }

    private static bool IsApplied(Batch batch) => batch.Applied.IsCompletedSuccessfully;

    private sealed record Batch(string Cursor, Task Applied);
}
