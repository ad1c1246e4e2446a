using NodaTime;

namespace GridServices.Simulation.Kernel;

/// <summary>Simulated time: what is due runs in the order of its instant, and of its making where two are due at once. One thread; nothing waits for a real clock.</summary>
internal sealed class Timetable(Instant start)
{
    private readonly PriorityQueue<Action, (Instant At, long Number)> _due = new();
    private long _made;

    public Instant Start { get; } = start;

    public Instant Now { get; private set; } = start;

    public Duration Elapsed => Now - Start;

    public void After(Duration pause, Action action) => _due.Enqueue(action, (Now + Duration.Max(pause, Duration.Zero), _made++));

    /// <summary>Runs until then, or until <paramref name="isOver"/>.</summary>
    public void RunUntil(Instant end, Func<bool> isOver)
    {
        while (!isOver() && _due.TryPeek(out _, out var next) && next.At <= end)
        {
            Now = next.At;
            _due.Dequeue()();
        }

        Now = Instant.Max(Now, end);
    }
}
