namespace GridServices.Hosting.Storage;

/// <summary>Whether this process does the service's work, or waits for another one that works on the same store.</summary>
internal sealed class Standby : IDisposable
{
    private volatile string? _waitsFor = "the service is starting";
    private readonly Lock _gate = new();
    private CancellationTokenSource _doubt = new();
    private bool _doubted;
    private long _sureAt;

    /// <summary>Null while this process works; else one line that says what it waits for.</summary>
    internal string? WaitsFor => _waitsFor;

    /// <summary>Another process took over while this one worked: what it holds in memory may be out of date, so it begins anew.</summary>
    internal bool WasOvertaken { get; private set; }

    /// <summary>Why the work ended before its time.</summary>
    internal Exception? Fault { get; private set; }

    internal void Works()
    {
        Sure(TimeProvider.System.GetTimestamp());
        _waitsFor = null;
    }

    /// <summary>Another process may take over while this one works: the right to write is looked at.</summary>
    internal bool IsWatched { get; set; }

    /// <summary>Without having found its right to write at the database for so long, this process may have been overtaken by one that hears another word.</summary>
    internal TimeSpan Silence { get; set; } = PostgreSqlOwner.SureFor;

    /// <summary>What this process holds in memory may be told: it works, and it had the right to write not long ago. In real time, as the database's is.</summary>
    internal bool MayTell => _waitsFor is null && !(IsWatched && TimeProvider.System.GetElapsedTime(Volatile.Read(ref _sureAt)) > Silence);

    /// <summary>Cancelled once that is no longer so; another one after it is again.</summary>
    internal CancellationToken Doubt
    {
        get
        {
            lock (_gate)
            {
                return _doubt.Token;
            }
        }
    }

    /// <summary>The right to write stood at the database.</summary>
    /// <param name="askedAt">When it was asked for, by the system's timestamp: a process that was stopped since knows nothing newer.</param>
    internal void Sure(long askedAt)
    {
        lock (_gate)
        {
            Volatile.Write(ref _sureAt, askedAt);
            if (TimeProvider.System.GetElapsedTime(askedAt) > Silence)
            {
                return;
            }

            // The one before is not disposed: answers that it ended may still look at its token.
            _doubt = _doubted ? new CancellationTokenSource() : _doubt;
            _doubted = false;
        }
    }

    /// <returns>True: from this look on nothing is told any more.</returns>
    internal bool DoubtIfStale()
    {
        CancellationTokenSource doubt;
        lock (_gate)
        {
            if (_doubted || _waitsFor is not null || MayTell)
            {
                return false;
            }

            _doubted = true;
            doubt = _doubt;
        }

        doubt.Cancel();
        return true;
    }

    internal void Waits(string reason) => _waitsFor = reason;

    internal void Overtaken()
    {
        WasOvertaken = true;
        Waits("another process has taken over the store");
    }

    internal void Failed(Exception fault) => Fault ??= fault;

    public void Dispose() => _doubt.Dispose();
}
