using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Responses;

/// <summary>What the server is told of each event: exactly once per (mRID, status, LFDI), tried until it is taken.</summary>
internal static class Responding
{
    /// <summary>Entries done with that are kept for people to look at.</summary>
    private const int Remembered = 512;

    private static readonly Duration LongestTry = Duration.FromHours(24);
    private static readonly Duration LeastTry = Duration.FromMinutes(1);

    // An event may be over in minutes: what a server doesn't let us say yet is tried again well within them.
    private static readonly Backoff RefusedPauses = new(Duration.FromSeconds(10), Duration.FromMinutes(1), Spread: 0.1);

    /// <summary>Takes on what has fallen due. It is in the state, and so promised, before the first post.</summary>
    public static void Enqueue(StepContext context, IReadOnlyList<DueResponse> due)
    {
        if (due.Count == 0)
        {
            return;
        }

        var entries = context.State.Responses.ToList();
        foreach (var response in due.Where(d => !entries.Any(e => IsSame(e, d.MRid, d.Status, d.Lfdi))))
        {
            if (Hrefs.TryPin(context.Config.ServerUrl, "/", response.ReplyTo, out var path, out var why))
            {
                entries.Add(new ResponseEntry
                {
                    MRid = response.MRid,
                    Status = response.Status,
                    Lfdi = response.Lfdi,
                    Path = path,
                    At = response.At,
                    Until = response.Until,
                    IsPrice = response.IsPrice,
                    IsReservation = response.IsReservation,
                    IsLoadControl = response.IsLoadControl,
                    OverrideS = response.OverrideS,
                });
            }
            else
            {
                context.Warn(NoteKind.HrefRefused, ErrorClass.SsrfBlocked, $"Response {response.Status} to {SafeText.Quote(response.MRid)} is not sent: {why}.", response.MRid);
            }
        }

        context.State = context.State with { Responses = Bounded(entries) };
    }

    /// <summary>Posts to make, the oldest of each event only: Received goes before Started.</summary>
    public static IEnumerable<Job> Jobs(DerClientState state)
    {
        HashSet<(string, string)>? seen = null;
        foreach (var entry in state.Responses)
        {
            if (entry.Outcome == ResponseOutcome.Owed && state.Devices.GetValueOrDefault(entry.Lfdi) is { Pin: not PinVerdict.Differs } && (seen ??= []).Add((entry.MRid, entry.Lfdi)))
            {
                yield return new Job(new DerPurpose.Respond(entry.MRid, entry.Status, entry.Lfdi), Instant.MinValue, Rank.Response);
            }
        }
    }

    public static ResponseEntry? Find(DerClientState state, DerPurpose.Respond purpose) =>
        state.Responses.FirstOrDefault(e => IsSame(e, purpose.MRid, purpose.Status, purpose.Lfdi));

    public static Response Message(ResponseEntry entry)
    {
        // envoy: a response whose endDeviceLFDI is not registered is rejected, so each EndDevice answers for itself.
        var (lfdi, at) = (entry.Lfdi, entry.At.ToUnixTimeSeconds());
        return entry switch
        {
            { IsPrice: true } => new PriceResponse { EndDeviceLFdi = lfdi, CreatedDateTime = at, Status = entry.Status, Subject = entry.MRid },
            { IsReservation: true } => new FlowReservationResponseResponse { EndDeviceLFdi = lfdi, CreatedDateTime = at, Status = entry.Status, Subject = entry.MRid },
            { IsLoadControl: true } => new DrResponse { EndDeviceLFdi = lfdi, CreatedDateTime = at, Status = entry.Status, Subject = entry.MRid, OverrideDuration = entry.OverrideS },
            _ => new DerControlResponse { EndDeviceLFdi = lfdi, CreatedDateTime = at, Status = entry.Status, Subject = entry.MRid },
        };
    }

    public static void Answered(StepContext context, DerPurpose.Respond purpose, int status, string why)
    {
        // A conflict means that the server has it already.
        if (status is >= 200 and < 300 or 409)
        {
            Close(context, purpose, ResponseOutcome.Taken, null);
            return;
        }

        if (LinkPolicy.CanBeLifted(status))
        {
            Wait(context, purpose, why);
            return;
        }

        context.Line = context.Line with { Holds = context.Line.Holds.Remove(purpose.Key) };
        Close(context, purpose, ResponseOutcome.Parked, why);
        context.Warn(NoteKind.ResponseRefused, ErrorClass.Respond,
            $"The server refuses response {purpose.Status} to {SafeText.Quote(purpose.MRid)} of {purpose.Lfdi}: {why}; it is parked.", purpose.MRid);
    }

    // Who may not answer, or not there, may tomorrow; until then each event's answers wait in their order.
    private static void Wait(StepContext context, DerPurpose.Respond purpose, string why)
    {
        var tries = context.Line.Holds.GetValueOrDefault(purpose.Key)?.Tries ?? 0;
        if (tries == 0)
        {
            context.Warn(NoteKind.ResponseRefused, ErrorClass.Respond,
                $"The server takes no response {purpose.Status} to {SafeText.Quote(purpose.MRid)} of {purpose.Lfdi}: {why}; it is tried again until it is of no use any more.", purpose.MRid);
        }

        LinkPolicy.Hold(context, purpose, RefusedPauses.After(tries + 1, new SeededRandom(context.Seed).Fraction()), why);
    }

    /// <summary>Gives up what is of no use any more: Started after the event, anything after a day.</summary>
    public static void Expire(StepContext context)
    {
        var now = context.ServerNow;
        foreach (var entry in context.State.Responses.Where(e => e.Outcome == ResponseOutcome.Owed && IsOver(e, now)).ToList())
        {
            var purpose = new DerPurpose.Respond(entry.MRid, entry.Status, entry.Lfdi);
            var why = context.Line.Holds.GetValueOrDefault(purpose.Key)?.Why is { } last ? $"the server took none of the tries in time ({last})" : "the server took none of the tries in time";
            Close(context, purpose, ResponseOutcome.Expired, why);
            context.Line = context.Line with { Holds = context.Line.Holds.Remove(purpose.Key) };
            context.Warn(NoteKind.ResponseRefused, ErrorClass.Timeout, $"Response {entry.Status} to {SafeText.Quote(entry.MRid)} was not taken in time and is given up.", entry.MRid);
        }
    }

    // Energex: Started is tried until the event ends, and for a minute at least.
    private static bool IsOver(ResponseEntry entry, Instant now) =>
        now > entry.At + LongestTry
        || (entry is { Status: ResponseStatus.Started, Until: { } until } && now >= Instant.Max(until, entry.At + LeastTry));

    private static bool IsSame(ResponseEntry entry, string mrid, byte status, string lfdi) =>
        entry.Status == status && string.Equals(entry.MRid, mrid, StringComparison.OrdinalIgnoreCase) && string.Equals(entry.Lfdi, lfdi, StringComparison.OrdinalIgnoreCase);

    private static void Close(StepContext context, DerPurpose.Respond purpose, ResponseOutcome outcome, string? why) => context.State = context.State with
    {
        Responses = context.State.Responses
            .Select(e => e.Outcome == ResponseOutcome.Owed && IsSame(e, purpose.MRid, purpose.Status, purpose.Lfdi) ? e with { Outcome = outcome, Reason = why } : e)
            .ToValueList(),
    };

    private static ValueList<ResponseEntry> Bounded(List<ResponseEntry> entries)
    {
        var surplus = entries.Count(e => e.Outcome != ResponseOutcome.Owed) - Remembered;
        return entries.Where(e => e.Outcome == ResponseOutcome.Owed || surplus-- <= 0).ToValueList();
    }
}
