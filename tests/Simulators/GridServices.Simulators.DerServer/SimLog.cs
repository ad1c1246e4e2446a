using NodaTime;

namespace GridServices.Simulators.DerServer;

/// <summary>A line of what happened, for people.</summary>
public sealed record LogLine(long Seq, Instant At, string Text);

/// <summary>A request as it came and how it was answered.</summary>
/// <param name="Seq">Counts all requests, from 1.</param>
/// <param name="At">When it came.</param>
/// <param name="LFdi">Of the client's certificate; null without TLS.</param>
/// <param name="Method">As sent.</param>
/// <param name="Path">Without the query.</param>
/// <param name="Query">With the question mark; may be empty.</param>
/// <param name="Accept">Header.</param>
/// <param name="ContentType">Header.</param>
/// <param name="Body">Text of the body, at most 16,384 characters.</param>
/// <param name="Status">HTTP status of the answer.</param>
/// <param name="Complaint">What was wrong with it, if anything.</param>
public sealed record RequestRecord(
    long Seq, Instant At, string? LFdi, string Method, string Path, string Query, string? Accept, string? ContentType, string? Body, int Status, string? Complaint);

/// <summary>What happened, in order: the last 20,000 requests and 5,000 lines.</summary>
public sealed class SimLog(IClock clock, bool quiet)
{
    private const int KeptRequests = 20_000;
    private const int KeptLines = 5_000;

    private readonly Lock gate = new();
    private readonly Queue<RequestRecord> requests = new();
    private readonly Queue<LogLine> lines = new();
    private long lastRequest;
    private long lastLine;

    public void Write(string text)
    {
        LogLine line;
        lock (gate)
        {
            line = new(++lastLine, clock.GetCurrentInstant(), text);
            Keep(lines, line, KeptLines);
        }

        if (!quiet)
        {
            // Whoever collects our lines stamps them itself.
            Console.WriteLine(Console.IsOutputRedirected ? text : $"{line.At:HH:mm:ss} 2030.5  {text}");
        }
    }

    public void Add(RequestRecord request)
    {
        lock (gate)
        {
            Keep(requests, request with { Seq = ++lastRequest }, KeptRequests);
        }
    }

    public IReadOnlyList<RequestRecord> Requests(long since = 0)
    {
        lock (gate)
        {
            return [.. requests.Where(r => r.Seq > since)];
        }
    }

    public IReadOnlyList<LogLine> Lines(long since = 0)
    {
        lock (gate)
        {
            return [.. lines.Where(l => l.Seq > since)];
        }
    }

    private static void Keep<T>(Queue<T> queue, T item, int most)
    {
        queue.Enqueue(item);
        if (queue.Count > most)
        {
            queue.Dequeue();
        }
    }
}
