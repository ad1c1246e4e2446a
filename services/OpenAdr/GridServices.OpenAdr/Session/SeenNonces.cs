using System.Globalization;
using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Signatures;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Session;

/// <summary>
/// Signed messages are taken once: sent again by whomever, they are refused (OpenADR 2.0b 10.6).
/// <code>
///   nonces may be missing ◀─── NoncesSince ───▶ all are known
///        refused                                taken once
/// </code>
/// </summary>
/// <remarks>
/// A nonce is stored with the change that its message made, or within seconds. A crash may lose those of messages that changed nothing then, and might
/// change something after a later message; so what was sent before a start is not taken after it. An honest VTN sends anew, and is asked for its events.
/// The time of sending is by the VTN's clock, and counts as ours after its difference, which its messages have shown; the first to show it is the answer to
/// our own registration, which names our requestID. That no other VEN took the message, <see cref="SignerNonces"/> knows.
/// </remarks>
public static class SeenNonces
{
    private const int MostKept = 20_000;
    private const string At = "/oadrPayload/Signature";

    /// <summary>Times of sending may be cut to whole seconds, and the difference of the clocks is known to about one.</summary>
    private static readonly Duration Resolution = Duration.FromSeconds(2);

    private static readonly ReadError Replayed = new(ErrorClass.ReplayNonce, At, "a message with this nonce was taken before; it was sent again");

    private static readonly ReadError TooOld = new(
        ErrorClass.ReplayWindow, At, "it is older by now than profile.replayWindow accepts: it waited behind another message, or was sent again; it must be signed anew");

    private static readonly ReadError TooMany = new(ErrorClass.ReplayNonce, At, $"more than {MostKept} messages came within profile.replayWindow; the nonces of more are not kept");

    /// <summary>The stored state as a start goes on from it.</summary>
    /// <param name="stored">Of a VEN that ran before, here or elsewhere; or of a new one.</param>
    /// <param name="now">The start.</param>
    /// <param name="seed">Drawn by the caller: what nobody can foresee in our requestIDs, where the stored state has nothing yet.</param>
    public static VenState AfterStart(VenState stored, Instant now, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(stored);

        // A VEN that is new here may have had another key, or have lost its state: what its VTN signed before may be known to others.
        return stored with { NoncesSince = now, RequestMark = stored.RequestMark ?? seed.ToString("x16", CultureInfo.InvariantCulture) };
    }

    /// <summary>Nothing is sent before this: the reply might seem to be from before the start, by a clock that knows whole seconds only. Null: anything may be.</summary>
    internal static Instant? QuietUntil(VenConfig config, VenState state, Instant now) =>
        config.Profile.Signatures != SignatureMode.Off && state.NoncesSince is { } since && since <= now && now - since < Resolution ? since + Resolution : null;

    /// <summary>A window that opens further lets in messages whose nonces were forgotten, or never kept.</summary>
    internal static void Reconfigure(StepContext context, VenConfig? previous)
    {
        var (before, after) = (previous?.Profile, context.Config.Profile);
        if (before is null || after.Signatures == SignatureMode.Off)
        {
            return;
        }

        var known = before.Signatures == SignatureMode.Off ? context.Now : context.Now - before.ReplayWindow;
        if ((before.Signatures == SignatureMode.Off || after.ReplayWindow > before.ReplayWindow) && !(context.State.NoncesSince >= known))
        {
            context.State = context.State with { NoncesSince = known };
        }
    }

    /// <summary>Why the message is not taken; null: it is, and its nonce is kept.</summary>
    internal static ReadError? Refusal(StepContext context, VenInput.ReplyReceived reply) => Refusal(context, reply.Stamp, IsOurAnswer(context, reply));

    /// <inheritdoc cref="Refusal(StepContext, VenInput.ReplyReceived)"/>
    internal static ReadError? Refusal(StepContext context, VenInput.MessagePushed pushed) => Refusal(context, pushed.Stamp, isOurAnswer: false);

    private static ReadError? Refusal(StepContext context, SignatureStamp? stamp, bool isOurAnswer)
    {
        if (stamp is null)
        {
            return null;
        }

        // It may have waited since it was verified, and its nonce, had it come before, is forgotten by now.
        if (stamp.SentAt + context.Config.Profile.ReplayWindow <= context.Now)
        {
            return TooOld;
        }

        var kept = context.State.Nonces.Where(n => n.Until > context.Now).ToList();
        if (kept.Exists(n => string.Equals(n.Nonce, stamp.Nonce, StringComparison.Ordinal)))
        {
            return Replayed;
        }

        // More in one window than any poll rhythm makes: nothing is forgotten for that, the message is refused.
        if (kept.Count >= MostKept)
        {
            return TooMany;
        }

        if (!isOurAnswer && IsFromBefore(context, stamp) is { } since)
        {
            return new ReadError(ErrorClass.ReplayWindow, At, $"it was sent before {since}, and whether it was taken then is not known any more; it must be signed anew");
        }

        kept.Add(new SeenNonce(stamp.Nonce, stamp.SentAt + context.Config.Profile.ReplayWindow, stamp.SentAt - context.Now));
        context.State = context.State with { Nonces = kept.ToValueList(), SenderAhead = kept.Max(n => n.Ahead) };
        return null;
    }

    /// <summary>True where its message was taken, and is not too old yet.</summary>
    internal static bool IsKept(StepContext context, SignatureStamp stamp) =>
        stamp.SentAt + context.Config.Profile.ReplayWindow > context.Now && context.State.Nonces.Any(n => string.Equals(n.Nonce, stamp.Nonce, StringComparison.Ordinal));

    /// <summary>A push that is not taken: nothing of it is done.</summary>
    internal static void Refuse(StepContext context, VenInput.MessagePushed pushed, ReadError why)
    {
        PushAnswers.SaveReplay(context, pushed.Service, pushed.Stamp!.Nonce);
        PushHandler.Refused(context, new VenInput.PushRefused(why, pushed.Message.Name));
        if (why != Replayed)
        {
            // It may be news: its sender need not try again.
            PushHandler.Missed(context);
        }
    }

    internal static void Refuse(StepContext context, VenInput.ReplyReceived reply, ReadError why) => LinkPolicy.Unreadable(
        context, new VenInput.ReplyRefused(reply.Request, why));

    // Nothing else shows how far the VTN's clock is behind before its first message is taken. What names our requestID was signed after we asked, and a registration moves no limit.
    private static bool IsOurAnswer(StepContext context, VenInput.ReplyReceived reply) =>
        context.State.SenderAhead is null
        && reply.Request is { Purpose: PendingRequest.Register or PendingRequest.QueryRegistration, RequestId: { Length: > 0 } asked }
        && reply.Message is OadrCreatedPartyRegistration { Response.RequestId: var answered } && answered == asked;

    /// <summary>Since when all nonces are known, where the message is from before; null: it is not.</summary>
    private static Instant? IsFromBefore(StepContext context, SignatureStamp stamp)
    {
        if (context.State.NoncesSince is not { } since)
        {
            return null;
        }

        // Our clock was put back: what was known until then is known by no time of now.
        if (since > context.Now)
        {
            since = context.Now;
            context.State = context.State with { NoncesSince = since };
        }

        return stamp.SentAt - (context.State.SenderAhead ?? Duration.Zero) <= since ? since : null;
    }
}
