using GridServices.Simulators.Vtn.Messages;
using NodaTime;

namespace GridServices.Simulators.Vtn;

/// <summary>A request of a VEN, what the schema and the transport rules say of it, and how it was answered.</summary>
public sealed record MessageRecord(
    long Seq, Instant At, string Service, string Name, string? VenId, string Xml, IReadOnlyList<string> SchemaErrors, HeaderFacts Headers,
    int ReplyStatus, string? ReplyName, string? Reply, string? Fault, string? ClientFingerprint);

/// <summary>What rule 53 and section 9.1.9 of the profile ask of a request's headers.</summary>
public sealed record HeaderFacts(string? ContentType, long? ContentLength, bool Chunked, string? Accept, string? Host, string? ContentEncoding)
{
    /// <summary>Content-Length present, not chunked, application/xml with at most charset=utf-8, Accept absent or application/xml.</summary>
    public bool Conforms =>
        ContentLength is not null && !Chunked && ContentEncoding is null && Accept is null or "" or "application/xml" &&
        ContentType?.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant() is "application/xml" or "application/xml;charset=utf-8";
}

/// <summary>An eventResponse of a VEN.</summary>
/// <param name="At">When it came.</param>
/// <param name="VenId">Who sent it.</param>
/// <param name="EventId">The event it is about.</param>
/// <param name="Modification">The modification it is about; −1 where unreadable.</param>
/// <param name="OptType">optIn or optOut.</param>
/// <param name="ResponseCode">The code of this one event.</param>
/// <param name="RequestId">The requestID it echoes.</param>
/// <param name="EchoesDistribute">True when that is the requestID of an oadrDistributeEvent of this VTN (rule 42).</param>
/// <param name="AfterChangeMs">Since the event was issued or changed; null for an unknown event.</param>
/// <param name="AfterToldMs">Since the VEN was first told of it; null where it never was.</param>
public sealed record CreatedEventRecord(
    Instant At, string VenId, string EventId, long Modification, string? OptType, string? ResponseCode, string? RequestId, bool EchoesDistribute,
    long? AfterChangeMs, long? AfterToldMs);

/// <summary>A reported value and when it came.</summary>
public sealed record ReportRecord(Instant At, string VenId, ReportedValue Value);

/// <summary>All that came from VENs; the last 2,000 messages (of polls with nothing to tell 200), 10,000 answers to events and 20,000 values.</summary>
public sealed class Journal
{
    private readonly Lock gate = new();
    private readonly Queue<MessageRecord> messages = new();
    private readonly Queue<MessageRecord> emptyPolls = new();
    private readonly Queue<CreatedEventRecord> createdEvents = new();
    private readonly Queue<ReportRecord> reports = new();
    private long lastSeq;

    public void Add(MessageRecord message)
    {
        lock (gate)
        {
            var isEmptyPoll = message is { Name: "oadrPoll", ReplyName: "oadrResponse", Fault: null, SchemaErrors.Count: 0 };
            Keep(isEmptyPoll ? emptyPolls : messages, message with { Seq = ++lastSeq }, isEmptyPoll ? 200 : 2_000);
        }
    }

    public void Add(CreatedEventRecord createdEvent)
    {
        lock (gate)
        {
            Keep(createdEvents, createdEvent, 10_000);
        }
    }

    public void Add(ReportRecord report)
    {
        lock (gate)
        {
            Keep(reports, report, 20_000);
        }
    }

    public IReadOnlyList<MessageRecord> Messages(long since, string? name)
    {
        lock (gate)
        {
            return [.. messages.Concat(emptyPolls).Where(m => m.Seq > since && (name is null || string.Equals(m.Name, name, StringComparison.Ordinal))).OrderBy(m => m.Seq)];
        }
    }

    public IReadOnlyList<CreatedEventRecord> CreatedEvents()
    {
        lock (gate)
        {
            return [.. createdEvents];
        }
    }

    public IReadOnlyList<ReportRecord> Reports()
    {
        lock (gate)
        {
            return [.. reports];
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
