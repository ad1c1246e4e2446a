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
    private readonly Dictionary<string, PriorityQueue<Instant, Instant>> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Duration> _windows = new(StringComparer.Ordinal);
    private readonly PriorityQueue<UInt128, Instant> _bySending = new();
    private Duration _widest;
    private long _refused;

    /// <summary>Messages that another VEN had taken before, since the start.</summary>
    public long Refused => Interlocked.Read(ref _refused);

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
            NoteWindow(receiver, window);
            Prune(now);
            if (_receivers.TryGetValue(key, out var holder))
            {
                if (holder == receiver)
                {
                    return null;
                }

                Interlocked.Increment(ref _refused);
                return "a message with this nonce was taken before, by another VEN; it was sent again";
            }

            var taken = GetNonces(receiver, now - window);
            if (taken.Count >= MostOfOne)
            {
                return $"more than {MostOfOne} messages came within profile.replayWindow; the nonces of more are not kept";
            }

            _receivers[key] = receiver;
            taken.Enqueue(stamp.SentAt, stamp.SentAt);
            _bySending.Enqueue(key, stamp.SentAt);
            return null;
        }
    }

    private void NoteWindow(string receiver, Duration window)
    {
        if (!_windows.TryGetValue(receiver, out var before) || before != window)
        {
            _windows[receiver] = window;
            _widest = _windows.Values.Max();
        }
    }

    // Each VEN's bound is of its own window: another's that is wider, for which nonces are kept longer, takes nothing of it.
    private PriorityQueue<Instant, Instant> GetNonces(string receiver, Instant since)
    {
        if (!_taken.TryGetValue(receiver, out var taken))
        {
            _taken[receiver] = taken = new PriorityQueue<Instant, Instant>();
        }

        while (taken.TryPeek(out var sentAt, out _) && sentAt < since)
        {
            taken.Dequeue();
        }

        return taken;
    }

    // Whoever takes the oldest messages decides how long nonces are kept.
    private void Prune(Instant now)
    {
        while (_bySending.TryPeek(out var key, out var sentAt) && sentAt + _widest < now)
        {
            _bySending.Dequeue();
            _receivers.Remove(key);
        }
    }
}
