using System.Buffers.Binary;
using System.Security.Cryptography;

namespace GridServices.UtilityClients.Engine;

/// <summary>Numbers from the system's generator, drawn many at a time: asking it costs as much as a step of an engine.</summary>
internal static class RandomNumbers
{
    private const int Kept = 128;
    private static readonly Lock One = new();
    private static readonly byte[] Drawn = new byte[Kept * sizeof(ulong)];
    private static int _left;

    /// <summary>Any value, each as likely as the others and handed out once.</summary>
    public static ulong Draw()
    {
        lock (One)
        {
            if (_left == 0)
            {
                RandomNumberGenerator.Fill(Drawn);
                _left = Kept;
            }

            var next = Drawn.AsSpan(--_left * sizeof(ulong), sizeof(ulong));
            var number = BinaryPrimitives.ReadUInt64LittleEndian(next);
            next.Clear();
            return number;
        }
    }
}
