using GridServices.Contracts;
using GridServices.OpenAdr.Signatures;
using GridServices.Wire;

namespace GridServices.OpenAdr.Session;

/// <summary>Signed messages are taken once: sent again by whomever, they are refused (OpenADR 2.0b 10.6).</summary>
/// <remarks>
/// A nonce is stored with the change that its message, or a later one, made. One that a crash loses belongs to a message that changed nothing since the last
/// change that was stored, and would change nothing again.
/// </remarks>
internal static class SeenNonces
{
    private const int MostKept = 20_000;

    private static readonly ReadError Replayed = new(ErrorClass.ReplayNonce, "/oadrPayload/Signature", "a message with this nonce was taken before; it was sent again");

    /// <summary>Keeps the reply's nonce; true where it was there before.</summary>
    public static bool IsRepeated(StepContext context, SignatureStamp? stamp)
    {
        if (stamp is null)
        {
            return false;
        }

        var kept = context.State.Nonces.Where(n => n.Until > context.Now).ToList();
        if (kept.Exists(n => string.Equals(n.Nonce, stamp.Nonce, StringComparison.Ordinal)))
        {
            return true;
        }

        // More in one window than any poll rhythm makes: nothing is forgotten for that, the message is refused.
        if (kept.Count >= MostKept)
        {
            return true;
        }

        context.State = context.State with { Nonces = kept.Append(new SeenNonce(stamp.Nonce, stamp.SentAt + context.Config.Profile.ReplayWindow)).ToValueList() };
        return false;
    }

    /// <summary>A push that was sent again by whomever: nothing of it is done.</summary>
    public static void Refuse(StepContext context, VenInput.MessagePushed pushed)
    {
        PushAnswers.RememberReplay(context, pushed.Service, pushed.Stamp!.Nonce);
        PushHandler.Refused(context, new VenInput.PushRefused(Replayed, pushed.Message.Name));
    }

    public static void Refuse(StepContext context, VenInput.ReplyReceived reply) => LinkPolicy.Unreadable(
        context, new VenInput.ReplyRefused(reply.Request, Replayed));
}
