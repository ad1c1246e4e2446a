using System.Collections.Immutable;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Client;

/// <summary>What was already said of the envelopes held. Immutable; forgets envelopes that are gone and done.</summary>
public sealed record ReceiptBook
{
    public static ReceiptBook Empty { get; } = new();

    /// <summary>States said, by envelope.</summary>
    public ImmutableDictionary<Guid, EnvelopeEntry> Entries { get; init; } = ImmutableDictionary<Guid, EnvelopeEntry>.Empty;
}

/// <summary>One envelope revision in the book.</summary>
/// <param name="Envelope">The revision.</param>
/// <param name="Said">States already reported.</param>
public sealed record EnvelopeEntry(Envelope Envelope, ImmutableHashSet<ReceiptState> Said);

/// <summary>A limit that the site can't keep.</summary>
/// <param name="By">The envelope that binds.</param>
/// <param name="DeficitW">By how much it can't be kept, W > 0.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record Shortfall(Guid By, long DeficitW, string? Reason = null);

/// <summary>
/// Decides which receipts are due: received and accepted when an envelope is first held, started when its first span begins,
/// completed when its last span ended or the stream was withdrawn while it ran. Pure; each is said once.
/// </summary>
public static class ReceiptPlanner
{
    private static readonly ImmutableHashSet<ReceiptState> AllOfOne = [ReceiptState.Received, ReceiptState.Accepted, ReceiptState.Started, ReceiptState.Completed];

    /// <param name="book">What was said so far.</param>
    /// <param name="set">What is held now.</param>
    /// <param name="shortfalls">What can't be kept now.</param>
    /// <param name="now">The present.</param>
    public static (ReceiptBook Book, ImmutableArray<Receipt> Due) Plan(ReceiptBook book, HeldSet set, IReadOnlyList<Shortfall> shortfalls, Instant now)
    {
        ArgumentNullException.ThrowIfNull(book);
        ArgumentNullException.ThrowIfNull(set);
        var due = ImmutableArray.CreateBuilder<Receipt>();
        var entries = book.Entries.ToBuilder();
        Envelope[] held = [.. Retention.All(set)];
        foreach (var envelope in held)
        {
            var entry = entries.GetValueOrDefault(envelope.EnvelopeId) ?? new EnvelopeEntry(envelope, []);
            entries[envelope.EnvelopeId] = AddReceipts(entry, GetStates(envelope, now), due, now, null);
        }

        foreach (var (id, entry) in book.Entries.Where(e => !held.Any(h => h.EnvelopeId == e.Key)))
        {
            // Withdrawn while it ran: that is its end. Replaced by a later revision: the later one goes on in its place.
            var replaced = held.Any(h => StreamKey.From(h) == StreamKey.From(entry.Envelope));
            ReceiptState[] last = !replaced && entry.Said.Contains(ReceiptState.Started) ? [ReceiptState.Completed] : [];
            AddReceipts(entry, last, due, now, "withdrawn");
            entries.Remove(id);
        }

        foreach (var shortfall in shortfalls.Where(s => s.DeficitW > 0 && entries.ContainsKey(s.By)))
        {
            entries[shortfall.By] = AddReceipts(entries[shortfall.By], [ReceiptState.CannotComply], due, now, shortfall.Reason, shortfall.DeficitW);
        }

        return (new ReceiptBook { Entries = entries.ToImmutable() }, due.ToImmutable());
    }

    /// <summary>The book while nobody who obeys is told: nothing is due, and of what ended meanwhile, without having begun before, nothing ever will be.</summary>
    internal static ReceiptBook Withheld(ReceiptBook book, HeldSet set, Instant now)
    {
        var missed = Retention.All(set).Where(e => GetStates(e, now).Contains(ReceiptState.Completed)
            && !(book.Entries.TryGetValue(e.EnvelopeId, out var entry) && entry.Said.Contains(ReceiptState.Started))).DistinctBy(e => e.EnvelopeId).ToList();
        // What is no longer held and never began owes no receipt any more.
        var over = book.Entries.Where(e => !e.Value.Said.Contains(ReceiptState.Started) || e.Value.Said.Contains(ReceiptState.Completed)).Select(e => e.Key)
            .Except(Retention.All(set).Select(e => e.EnvelopeId)).ToList();
        book = over.Count == 0 ? book : book with { Entries = book.Entries.RemoveRange(over) };
        return missed.Count == 0 ? book : book with { Entries = book.Entries.SetItems(missed.Select(e => KeyValuePair.Create(e.EnvelopeId, new EnvelopeEntry(e, AllOfOne)))) };
    }

    private static IEnumerable<ReceiptState> GetStates(Envelope envelope, Instant now)
    {
        yield return ReceiptState.Received;
        yield return ReceiptState.Accepted;
        var spans = envelope.Segments.Select(s => (s.From, s.Until)).Concat(envelope.Targets.Select(t => (t.From, t.Until))).ToList();
        if (spans.Count > 0 && spans.Min(s => s.From) <= now)
        {
            yield return ReceiptState.Started;
            if (spans.TrueForAll(s => s.Until <= now))
            {
                yield return ReceiptState.Completed;
            }
        }
    }

    private static EnvelopeEntry AddReceipts(EnvelopeEntry entry, IEnumerable<ReceiptState> states, ImmutableArray<Receipt>.Builder due, Instant now, string? reason, long? deficitW = null)
    {
        foreach (var state in states.Where(s => !entry.Said.Contains(s)))
        {
            entry = entry with { Said = entry.Said.Add(state) };
            due.Add(new Receipt { EnvelopeId = entry.Envelope.EnvelopeId, Revision = entry.Envelope.Revision, State = state, At = now, DeficitW = deficitW, Reason = reason });
        }

        return entry;
    }
}
