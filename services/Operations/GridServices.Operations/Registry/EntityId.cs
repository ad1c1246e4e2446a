using NodaTime;

namespace GridServices.Operations.Registry;

/// <summary>ULIDs: 48 bits of milliseconds and 80 random bits as 26 characters of Crockford's base 32; their text sorts by time.</summary>
public static class EntityId
{
    public const int Length = 26;
    public const int RandomBytes = 10;

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const long MaxMilliseconds = (1L << 48) - 1;

    /// <param name="now">The time that the id sorts by, from 1970.</param>
    /// <param name="random">Ten random bytes; the core draws none itself.</param>
    /// <exception cref="ArgumentException">Not ten bytes, or a time that a ULID cannot hold.</exception>
    public static string Create(Instant now, ReadOnlySpan<byte> random)
    {
        var milliseconds = now.ToUnixTimeMilliseconds();
        if (random.Length != RandomBytes || milliseconds is < 0 or > MaxMilliseconds)
        {
            throw new ArgumentException("a ULID is made of a time after 1970 and ten random bytes", nameof(random));
        }

        UInt128 bits = (ulong)milliseconds;
        foreach (var b in random)
        {
            bits = (bits << 8) | b;
        }

        Span<char> text = stackalloc char[Length];
        for (var i = Length - 1; i >= 0; i--)
        {
            text[i] = Alphabet[(int)(bits & 31)];
            bits >>= 5;
        }

        return text.ToString();
    }

    /// <summary>26 characters of the alphabet, upper case, the first at most 7 (128 bits).</summary>
    public static bool IsValid(string? text) =>
        text is { Length: Length } && text[0] is >= '0' and <= '7' && text.All(c => Alphabet.Contains(c, StringComparison.Ordinal));

    /// <summary>The moment in the id, to the millisecond.</summary>
    /// <exception cref="FormatException">Not a ULID.</exception>
    public static Instant GetTime(string id)
    {
        if (!IsValid(id))
        {
            throw new FormatException("an id is a ULID of 26 characters");
        }

        var milliseconds = id[..10].Aggregate(0L, (sum, c) => (sum << 5) | (uint)Alphabet.IndexOf(c, StringComparison.Ordinal));
        return Instant.FromUnixTimeMilliseconds(milliseconds);
    }
}
