using System.Globalization;
using System.Xml;
using GridServices.Contracts;
using NodaTime;
using NodaTime.Text;
using static GridServices.OpenAdr.Signatures.SignedPayload;

namespace GridServices.OpenAdr.Signatures;

/// <summary>The time and the nonce of a signed message (OpenADR 2.0b 10.6): without them an old message could be sent again by anybody.</summary>
internal static class ReplayProtection
{
    private const int LeastNonce = 8;
    private const int MostNonce = 128;

    /// <param name="payload">The payload.</param>
    /// <param name="references">What is signed.</param>
    /// <param name="window">The stamp may differ from <paramref name="now"/> by so much, either way.</param>
    /// <param name="now">By our clock.</param>
    /// <exception cref="GridServices.Wire.WireFormatException">There is none, it is not signed, not legible, or too old or ahead.</exception>
    public static SignatureStamp Check(SignedPayload payload, IReadOnlyList<SignedReference> references, Duration window, Instant now)
    {
        var replay = payload.ReplayProtect() ?? throw Refuse(ErrorClass.ReplayMissing, "there is no ReplayProtect; OpenADR 2.0b 10.6 asks for one");
        if (!references.Any(r => IsWithin(replay, r.Target) && IsWithin(r.Target, payload.Signature)))
        {
            throw Refuse(ErrorClass.ReplayUnsigned, "the ReplayProtect is not covered by the signature");
        }

        var stamp = new SignatureStamp(Time(Text(replay, "timestamp", ErrorClass.ReplayTimestamp)), Nonce(Text(replay, "nonce", ErrorClass.ReplayNonce)));
        var ahead = stamp.SentAt - now;
        return ahead <= window && -ahead <= window
            ? stamp
            : throw Refuse(ErrorClass.ReplayWindow, string.Create(
                CultureInfo.InvariantCulture,
                $"it was sent {Math.Abs(ahead.TotalSeconds):0} s {(ahead < Duration.Zero ? "ago" : "in the future")} by the sender's clock; {window.TotalSeconds:0} s are accepted (profile.replayWindow). Check both clocks"));
    }

    private static bool IsWithin(XmlNode node, XmlElement ancestor)
    {
        for (var at = node; at is not null; at = at.ParentNode!)
        {
            if (ReferenceEquals(at, ancestor))
            {
                return true;
            }
        }

        return false;
    }

    private static string Text(XmlElement replay, string name, ErrorClass error)
    {
        var found = replay.ChildNodes.OfType<XmlElement>().Where(e => Is(e, Dsig.Properties, name)).ToList();
        return found.Count == 1 && !found[0].ChildNodes.OfType<XmlElement>().Any()
            ? found[0].InnerText.Trim()
            : throw Refuse(error, $"ReplayProtect has {found.Count} {name}; one is expected");
    }

    private static Instant Time(string text) => OffsetDateTimePattern.Rfc3339.Parse(text) is { Success: true, Value: var at }
        ? at.ToInstant()
        : throw Refuse(ErrorClass.ReplayTimestamp, $"the timestamp {SafeText.Quote(text)} is not a time such as 2027-01-15T18:00:00Z");

    private static string Nonce(string text) => text.Length is >= LeastNonce and <= MostNonce
        ? text
        : throw Refuse(ErrorClass.ReplayNonce, $"the nonce has {text.Length} characters; {LeastNonce} to {MostNonce} are expected");
}
