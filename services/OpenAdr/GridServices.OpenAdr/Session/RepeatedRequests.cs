using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Session;

/// <summary>
/// What becomes of older messages, not taken by the VTN so far, when there is something new to say. A VTN that lists its events again and again
/// makes the VEN say the same again: that must not begin the count of failures anew, or nothing would ever be split or parked.
/// </summary>
internal static class RepeatedRequests
{
    /// <summary>
    /// What is owed with <paramref name="item"/> said. What it repeats of a message that waits after a failure stays in that one, with its count and
    /// its pause; about an event that such a message says otherwise it speaks in a message of its own.
    /// </summary>
    /// <param name="owed">So far.</param>
    /// <param name="item">New.</param>
    /// <param name="soonest">A parked message that the VTN makes the VEN repeat is tried again no later than this.</param>
    public static IEnumerable<PendingRequest> Merge(ValueList<PendingRequest> owed, PendingRequest item, Instant soonest) =>
        item is PendingRequest.AnswerEvents { Responses.Count: > 0 } answer ? Answers(owed, answer, soonest) : Others(owed, item, soonest);

    private static List<PendingRequest> Others(ValueList<PendingRequest> owed, PendingRequest item, Instant soonest)
    {
        var said = Content(item);
        var merged = new List<PendingRequest>(owed.Count + 1);
        var isRepeated = false;
        foreach (var older in owed)
        {
            if (IsWaiting(older) && !isRepeated && Content(older) == said)
            {
                merged.Add(IsPacedOnly(older) ? item : WithEarlierRetry(item.After(older), soonest));
                isRepeated = true;
            }
            else if (!Replaces(item, older))
            {
                merged.Add(older);
            }
        }

        return isRepeated ? merged : [.. merged, item];
    }

    // The last word about an event counts: an older one that comes after it would undo it.
    private static List<PendingRequest> Answers(ValueList<PendingRequest> owed, PendingRequest.AnswerEvents answer, Instant soonest)
    {
        var anew = answer.Responses.GroupBy(r => r.QualifiedEventId.EventId, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);
        var (repeated, changed) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var merged = new List<PendingRequest>(owed.Count + 1);
        foreach (var older in owed)
        {
            if (older is not PendingRequest.AnswerEvents { Responses.Count: > 0 } waiting)
            {
                merged.Add(older);
                continue;
            }

            var left = new List<EventResponse>(waiting.Responses.Count);
            foreach (var response in waiting.Responses)
            {
                var id = response.QualifiedEventId.EventId;
                if (!anew.TryGetValue(id, out var now))
                {
                    left.Add(response);
                }
                else if (IsWaiting(older) && Content(response) == Content(now))
                {
                    left.Add(now);
                    repeated.Add(id);
                }
                else if (IsWaiting(older))
                {
                    changed.Add(id);
                }
                else if (Content(response) == Content(now) && response.RequestId != now.RequestId)
                {
                    // OpenADR 2.0b rule 62: each distribution has its answer; what says the same undoes nothing, in whichever order.
                    left.Add(response);
                }
            }

            if (left.Count > 0)
            {
                var kept = waiting with { Responses = left.ToValueList() };
                merged.Add(kept == waiting ? waiting : left.Exists(r => repeated.Contains(r.QualifiedEventId.EventId)) ? WithEarlierRetry(kept, soonest) : kept);
            }
        }

        merged.AddRange(answer.Responses.Where(r => changed.Contains(r.QualifiedEventId.EventId)).Select(r => answer with { Responses = [r] }));
        var rest = answer.Responses.Where(r => !changed.Contains(r.QualifiedEventId.EventId) && !repeated.Contains(r.QualifiedEventId.EventId)).ToValueList();
        return rest.Count == 0 ? merged : [.. merged, answer with { Responses = rest }];
    }

    /// <summary>True where the two say the same, whatever became of them so far.</summary>
    public static bool AreEquivalent(PendingRequest one, PendingRequest other) => Content(one) == Content(other);

    private static bool IsWaiting(PendingRequest item) => item.WithoutHistory() != item;

    private static bool Replaces(PendingRequest item, PendingRequest older) => (older, item) switch
    {
        (PendingRequest.AnswerEvents { Responses.Count: 0, Refusals: > 0 }, PendingRequest.AnswerEvents) => true,
        (PendingRequest.AnswerEvents or PendingRequest.CreateOpt or PendingRequest.CancelOpt or PendingRequest.RequestVtnMetadata, _) => false,
        (PendingRequest.PublishMetadata { ParkedAt: not null } o, PendingRequest.PublishMetadata i) => o.ReportRequestId == i.ReportRequestId,
        _ => older.ParkedAt is not null && older.GetType() == item.GetType(),
    };

    // It waits for the rhythm of what is missed, never sent so far: who wants it for another reason has it now.
    private static bool IsPacedOnly(PendingRequest older) => older is PendingRequest.RequestEvents { Refusals: 0, ParkedAt: null };

    // Without a time there is nothing to bring forward: a message that must not be sent again unchanged waits for a person.
    private static PendingRequest WithEarlierRetry(PendingRequest item, Instant soonest) =>
        item is { ParkedAt: not null, NotBefore: { } at } && at > soonest ? item with { NotBefore = soonest } : item;

    /// <summary>The message without what differs each time: the requestID that it answers, and what became of it so far.</summary>
    private static PendingRequest Content(PendingRequest item) => item.WithoutHistory() switch
    {
        PendingRequest.AnswerEvents a => a with { Response = Content(a.Response) },
        PendingRequest.Acknowledge a => a with { Response = Content(a.Response) },
        PendingRequest.ConfirmCancelledRegistration c => c with { Response = Content(c.Response) },
        PendingRequest.AcceptMetadata a => a with { Response = Content(a.Response) },
        PendingRequest.ConfirmReports c => c with { Response = Content(c.Response) },
        PendingRequest.ConfirmCancelledReports c => c with { Response = Content(c.Response) },
        PendingRequest.AcceptReportData a => a with { Response = Content(a.Response) },
        PendingRequest.PublishMetadata m => m with { Since = null },
        PendingRequest.RequestVtnMetadata r => r with { ReportRequestId = null },
        var other => other,
    };

    private static EiResponse Content(EiResponse response) => response with { RequestId = string.Empty };

    private static EventResponse Content(EventResponse response) => response with { RequestId = string.Empty };
}
