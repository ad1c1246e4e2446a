using NodaTime;

namespace GridServices.OpenAdr.Service.Journal;

/// <summary>
/// What of one VEN's messages is not on disk yet. Rows with news go to disk with the state they caused; runs of empty polls wait for the next such row
/// or for the flusher, so that an empty poll costs no disk write.
/// </summary>
public sealed class VenJournal : IDisposable
{
    /// <summary>While the store is away the oldest rows give way: a journal must not eat the memory that the VENs need.</summary>
    private const int MostWaiting = 2_000;

    private readonly Lock _lock = new();
    private readonly List<JournalRow> _rows = [];
    private long _storedTimes;

    /// <summary>Held by whoever stores this journal's rows.</summary>
    public SemaphoreSlim Storing { get; } = new(1, 1);

    /// <summary>Rows that disk doesn't have, or has with an older count.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _rows.Count - (_rows.Count > 0 && IsStored(_rows[0]) ? 1 : 0);
            }
        }
    }

    /// <summary>Since when the oldest row waits.</summary>
    public Instant? WaitingSince
    {
        get
        {
            lock (_lock)
            {
                return _rows.FirstOrDefault(r => !IsStored(r))?.FirstAt;
            }
        }
    }

    public void Add(JournalRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        lock (_lock)
        {
            if (_rows.Count > 0 && _rows[^1].Takes(row))
            {
                _rows[^1] = _rows[^1] with { LastAt = row.LastAt, Times = _rows[^1].Times + row.Times };
            }
            else
            {
                _rows.Add(row);
                if (_rows.Count > MostWaiting)
                {
                    _rows.RemoveAt(0);
                }
            }
        }
    }

    /// <summary>What to store now, oldest first. Call with <see cref="Storing"/> held; tell <see cref="Stored"/> after the commit.</summary>
    public IReadOnlyList<JournalRow> Unstored()
    {
        lock (_lock)
        {
            return [.. _rows.Where(r => !IsStored(r))];
        }
    }

    /// <summary>The commit went through: <paramref name="rows"/> as <see cref="Unstored"/> gave them, with their ids.</summary>
    public void Stored(IReadOnlyList<JournalRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0)
        {
            return;
        }

        lock (_lock)
        {
            var last = rows[^1];
            var index = _rows.FindIndex(r => r.Id == last.Id || (r.Id is null && r.FirstAt == last.FirstAt && ReferenceEquals(r.Body, last.Body)));

            if (index < 0)
            {
                return;
            }

            // The last row stays while it may still be counted up, now with its id and without its body.
            var open = last.Repeatable && index == _rows.Count - 1;
            _storedTimes = last.Times;
            var kept = open ? _rows[index] with { Id = last.Id, Body = null } : null;
            _rows.RemoveRange(0, index + 1);
            if (kept is not null)
            {
                _rows.Insert(0, kept);
            }
        }
    }

    public void Dispose() => Storing.Dispose();

    private bool IsStored(JournalRow row) => row.Id is not null && row.Times == _storedTimes;
}
