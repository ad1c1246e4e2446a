using System.Buffers;

namespace GridServices.UtilityClients.Tls;

/// <summary>Reads a body up to a bound, without trusting what it says of its own length.</summary>
public static class BoundedBody
{
    private const int UsualLength = 4096;

    /// <summary>Null when the body goes on past <paramref name="maxBytes"/>.</summary>
    /// <param name="body">Read to its end, or to one byte past the bound.</param>
    /// <param name="announced">Its length by the headers; null: unknown.</param>
    /// <param name="maxBytes">The bound.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<byte[]?> ReadAsync(Stream body, long? announced, int maxBytes, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(body);
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(maxBytes + 1L, (announced ?? UsualLength) + 1));
        try
        {
            var length = 0;
            while (true)
            {
                var read = await body.ReadAsync(buffer.AsMemory(length), ct);
                length += read;
                if (read == 0)
                {
                    return buffer.AsSpan(0, length).ToArray();
                }

                if (length > maxBytes)
                {
                    return null;
                }

                if (length == buffer.Length)
                {
                    buffer = Grow(buffer);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] full)
    {
        var larger = ArrayPool<byte>.Shared.Rent(full.Length * 2);
        full.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }
}
