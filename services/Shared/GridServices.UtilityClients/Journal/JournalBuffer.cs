namespace GridServices.UtilityClients.Journal;

/// <summary>
/// What of one engine's journal is not on disk yet. News go to disk with the state they caused; an exchange that only repeats an earlier one is counted
/// onto that one's row and waits for the next news or for the write-behind, so that an idle poll costs no disk write.
/// </summary>
/// <param name="mostWaiting">Rows that wait at most; then the oldest give way.</param>
public sealed class JournalBuffer(int mostWaiting) : IDisposable
{
    /// <summary>Runs whose latest row is remembered, to count repetitions.</summary>
    private const int MostRuns = 256;

    private readonly Lock _lock = new();
    private readonly List<Entry> _waiting = [];
    private readonly Dictionary<string, Entry> _latest = new(StringComparer.Ordinal);
    private List<Entry> _handedOut = [];

    /// <summary>Held by whoever stores this journal's rows.</summary>
    public SemaphoreSlim Storing { get; } = new(1, 1);

    /// <summary>Rows that disk doesn't have, or has with an older count.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    public void Add(JournalRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        lock (_lock)
        {
            if (_latest.TryGetValue(row.RunKey, out var last) && last.Row.IsRepeatedBy(row))
            {
                last.Row = last.Row with { LastAt = row.LastAt, Times = last.Row.Times + row.Times };
                Wait(last);
                return;
            }

            if (_latest.Count >= MostRuns)
            {
                _latest.Clear();
            }

            Wait(_latest[row.RunKey] = new Entry(row));
        }
    }

    /// <summary>What to store now, oldest first. Call with <see cref="Storing"/> held; call <see cref="Stored"/> after the commit.</summary>
    public IReadOnlyList<JournalRow> Unstored()
    {
        lock (_lock)
        {
            _handedOut = [.. _waiting];
            return [.. _handedOut.Select(e => e.Row)];
        }
    }

    /// <summary>The commit went through.</summary>
    /// <param name="rows">As <see cref="Unstored"/> gave them.</param>
    /// <param name="ids">Theirs, in the same order.</param>
    public void Stored(IReadOnlyList<JournalRow> rows, IReadOnlyList<long> ids)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(ids);
        lock (_lock)
        {
            foreach (var (entry, row, id) in _handedOut.Zip(rows, ids))
            {
                // What was counted meanwhile is still to be written; the bodies are on disk.
                var isCurrent = entry.Row.Times == row.Times;
                entry.Row = entry.Row.WithoutBody() with { Id = id };
                if (isCurrent)
                {
                    _waiting.Remove(entry);
                }
            }
        }
    }

    public void Dispose() => Storing.Dispose();

    private void Wait(Entry entry)
    {
        if (!_waiting.Contains(entry))
        {
            _waiting.Add(entry);
            if (_waiting.Count > mostWaiting)
            {
                _waiting.RemoveAt(0);
            }
        }
    }

    private sealed class Entry(JournalRow row)
    {
        public JournalRow Row { get; set; } = row;
    }
}
