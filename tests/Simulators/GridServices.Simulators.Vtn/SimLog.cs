using System.Text.Json.Nodes;
using NodaTime;

namespace GridServices.Simulators.Vtn;

/// <summary>One line of what happened.</summary>
public sealed record LogEntry(long Seq, Instant At, string Kind, string? VenId, string Text, JsonObject? Detail);

/// <summary>What happened, in order; the last 10,000 lines. Readers may wait for the next line.</summary>
public sealed class SimLog(IClock clock, bool quiet)
{
    private const int Kept = 10_000;
    private readonly Lock gate = new();
    private readonly Queue<LogEntry> entries = new();
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long last;

    public void Add(string kind, string? venId, string text, JsonObject? detail = null)
    {
        TaskCompletionSource wake;
        LogEntry entry;
        lock (gate)
        {
            entry = new(++last, clock.GetCurrentInstant(), kind, venId, text, detail);
            entries.Enqueue(entry);
            if (entries.Count > Kept)
            {
                entries.Dequeue();
            }

            (wake, changed) = (changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        if (!quiet)
        {
            // Whoever collects our lines stamps them itself.
            Console.WriteLine(Console.IsOutputRedirected ? text : $"{entry.At:HH:mm:ss} VTN  {text}");
        }

        wake.SetResult();
    }

    /// <summary>Lines after <paramref name="since"/>; when there are none, waits up to <paramref name="wait"/> for one.</summary>
    public async Task<IReadOnlyList<LogEntry>> After(long since, TimeSpan wait, CancellationToken ct)
    {
        Task next;
        lock (gate)
        {
            if (last > since || wait <= TimeSpan.Zero)
            {
                return Since(since);
            }

            next = changed.Task;
        }

        await Task.WhenAny(next, Task.Delay(wait, ct));
        lock (gate)
        {
            return Since(since);
        }
    }

    private List<LogEntry> Since(long since) => [.. entries.Where(e => e.Seq > since)];
}
