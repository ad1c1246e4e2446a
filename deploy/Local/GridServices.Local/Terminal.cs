using GridServices.Local.Feed;
using NodaTime;

namespace GridServices.Local;

/// <summary>Where the lines for the person who watches go: the terminal as asked for, and a log with all of them in full.</summary>
internal sealed class Terminal(DataFolder folder, Verbosity verbosity) : IDisposable
{
    private const string LogName = "console";
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly Narrator _narrator = new(verbosity);
    private readonly StreamWriter _log = folder.OpenLog(LogName);

    /// <summary>Tells it where it is news.</summary>
    public void Show(Change change)
    {
        var now = SystemClock.Instance.GetCurrentInstant();
        lock (_gate)
        {
            if (_narrator.Narrate(change, now) is not { } told)
            {
                return;
            }

            _log.WriteLine(told.Full);
            if (told.Shown is { } line)
            {
                Console.WriteLine(line);
            }
        }
    }

    /// <summary>A service wrote a warning into its log.</summary>
    public void CountWarning(string program)
    {
        lock (_gate)
        {
            _narrator.Tally.AddWarning(program);
        }
    }

    /// <summary>Tells what was held back, once its minute is over; until cancelled.</summary>
    public async Task ShowHeldBackAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Beat);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            lock (_gate)
            {
                foreach (var line in _narrator.Due(SystemClock.Instance.GetCurrentInstant()))
                {
                    Console.WriteLine(line);
                }
            }
        }
    }

    /// <summary>What happened, and what to look at next.</summary>
    public void Summarize()
    {
        lock (_gate)
        {
            foreach (var line in _narrator.Tally.Lines(folder.Logs, folder.Log(LogName)))
            {
                Console.WriteLine(line);
            }
        }
    }

    public void Dispose() => _log.Dispose();
}
