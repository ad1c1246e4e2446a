namespace GridServices.Hosting;

/// <summary>Whether this process does the service's work, or waits for another one that works on the same store.</summary>
internal sealed class Standby
{
    private volatile string? _waitsFor = "the service is starting";
    private long _sureAt;

    /// <summary>Null while this process works; else one line that says what it waits for.</summary>
    internal string? WaitsFor => _waitsFor;

    /// <summary>Another process took over while this one worked: what it holds in memory may be out of date, so it begins anew.</summary>
    internal bool WasOvertaken { get; private set; }

    /// <summary>Why the work ended before its time.</summary>
    internal Exception? Fault { get; private set; }

    internal void Works()
    {
        Sure();
        _waitsFor = null;
    }

    /// <summary>The right to write was looked at, and stands as far as anybody can know.</summary>
    internal void Sure() => Volatile.Write(ref _sureAt, TimeProvider.System.GetTimestamp());

    /// <summary>Since when nobody has looked; in real time, as the database's is.</summary>
    internal TimeSpan Unsure => TimeProvider.System.GetElapsedTime(Volatile.Read(ref _sureAt));

    internal void Waits(string reason) => _waitsFor = reason;

    internal void Overtaken()
    {
        WasOvertaken = true;
        Waits("another process has taken over the store");
    }

    internal void Failed(Exception fault) => Fault ??= fault;
}
