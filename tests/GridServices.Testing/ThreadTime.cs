using System.Diagnostics;
using System.Globalization;

namespace GridServices.Testing;

/// <summary>What the calling thread has spent on a processor on Linux: other programs on the machine do not count. Elsewhere: time that passed.</summary>
public readonly struct ThreadTime
{
    private const string Spent = "/proc/thread-self/schedstat";
    private readonly TimeSpan _start;

    private ThreadTime(TimeSpan start) => _start = start;

    /// <summary>Since the start, on the same thread.</summary>
    public TimeSpan Elapsed => Now() - _start;

    public static ThreadTime Start() => new(Now());

    private static TimeSpan Now()
    {
        if (!File.Exists(Spent))
        {
            return Stopwatch.GetElapsedTime(0);
        }

        var nanoseconds = long.Parse(File.ReadAllText(Spent).Split(' ')[0], CultureInfo.InvariantCulture);
        return TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
    }
}
