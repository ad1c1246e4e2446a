using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace GridServices.OpenAdr.Signatures;

/// <summary>
/// The nonces of all signed messages that reached a VEN of this process, by signer: what was signed for one VEN is taken by no other, though a distribution
/// names none. Safe for several callers.
/// </summary>
/// <remarks>
/// OpenADR 2.0b 10.6. That the same VEN takes it once, its own stored memory sees to (<see cref="Session.SeenNonces"/>): a message that it could not come to
/// may reach it again. What was sent before a VEN was started is refused by its time, so that nothing of this need be stored.
/// </remarks>
public sealed class SignerNonces
{
    private const int MostOfOne = 20_000;
    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, string> _receivers = [];
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly PriorityQueue<UInt128, Instant> _bySending = new();
    private Duration _widest;

    /// <summary>Why the receiver may not take the message; null: it may, and from now on no other.</summary>
    /// <param name="signer">SHA-256 of the signer's certificate.</param>
    /// <param name="stamp">Of the message, verified.</param>
    /// <param name="receiver">Tells VENs apart.</param>
    /// <param name="window">How old a message the receiver takes.</param>
    /// <param name="now">By our clock.</param>
    public string? Refusal(string signer, SignatureStamp stamp, string receiver, Duration window, Instant now)
    {
        ArgumentNullException.ThrowIfNull(stamp);
        var key = BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{signer} {stamp.Nonce}")));
        lock (_lock)
        {
            _widest = Duration.Max(_widest, window);
            Forget(now);
            if (_receivers.TryGetValue(key, out var holder))
            {
                return holder == receiver ? null : "a message with this nonce was taken before, by another VEN; it was sent again";
            }

            var count = _counts.GetValueOrDefault(receiver);
            if (count >= MostOfOne)
            {
                return $"more than {MostOfOne} messages came within profile.replayWindow; the nonces of more are not kept";
            }

            _receivers[key] = receiver;
            _counts[receiver] = count + 1;
            _bySending.Enqueue(key, stamp.SentAt);
            return null;
        }
    }

    // Whoever takes the oldest messages decides how long nonces are kept.
    private void Forget(Instant now)
    {
        while (_bySending.TryPeek(out var key, out var sentAt) && sentAt + _widest < now)
        {
            _bySending.Dequeue();
            _receivers.Remove(key, out var receiver);
            if (--_counts[receiver!] == 0)
            {
                _counts.Remove(receiver!);
            }
        }
    }
}
