namespace GridServices.Ieee2030Dot5.Service.Journal;

/// <summary>
/// What of one client's exchanges is not on disk yet. News go to disk with the state they caused; polls that say again what is known are counted
/// onto the row that said it first and wait for the next such row or for the lazy writer, so that an idle poll costs no disk write.
/// </summary>
public sealed class ClientJournal : IDisposable
{
    /// <summary>While the store is away the oldest rows give way: a journal must not eat the memory that the clients need.</summary>
    private const int MostWaiting = 1_000;

    /// <summary>Resources whose last reply is remembered, to count repetitions.</summary>
    private const int MostResources = 256;

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
            var key = $"{row.Method} {row.Href}";
            if (_latest.TryGetValue(key, out var last) && last.Row.Takes(row))
            {
                last.Row = last.Row with { LastAt = row.LastAt, Times = last.Row.Times + 1 };
                Wait(last);
                return;
            }

            if (_latest.Count >= MostResources)
            {
                _latest.Clear();
            }

            Wait(_latest[key] = new Entry(row));
        }
    }

    /// <summary>What to store now, oldest first. Call with <see cref="Storing"/> held; tell <see cref="Stored"/> after the commit.</summary>
    public IReadOnlyList<JournalRow> Unstored()
    {
        lock (_lock)
        {
            _handedOut = [.. _waiting];
            return [.. _handedOut.Select(e => e.Row)];
        }
    }

    /// <summary>The commit went through: the rows as <see cref="Unstored"/> gave them, with their ids.</summary>
    public void Stored(IReadOnlyList<JournalRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        lock (_lock)
        {
            foreach (var (entry, row) in _handedOut.Zip(rows))
            {
                // What was counted meanwhile is still to be written; the reply is on disk.
                var isCurrent = entry.Row.Times == row.Times;
                entry.Row = entry.Row with { Id = row.Id, ReplyBody = null };
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
            if (_waiting.Count > MostWaiting)
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
