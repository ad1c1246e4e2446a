using System.Buffers.Binary;

namespace GridServices.FrequencyResponse.Frames;

/// <summary>The two checksums that the frames carry.</summary>
public static class Checksums
{
    private static readonly uint[] Crc32Table = BuildCrc32();
    private static readonly ushort[] CcittTable = BuildCcitt();

    /// <summary>CRC-32 of IEEE 802.3 (as in zlib and PNG): of "123456789" it is CBF43926.</summary>
    public static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        // Eight bytes at a time, by eight tables: ten thousand set-points carry 82 kB a turn.
        var table = Crc32Table;
        var crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            var low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc;
            var high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = table[1792 + (low & 0xFF)] ^ table[1536 + ((low >> 8) & 0xFF)] ^ table[1280 + ((low >> 16) & 0xFF)] ^ table[1024 + (low >> 24)]
                ^ table[768 + (high & 0xFF)] ^ table[512 + ((high >> 8) & 0xFF)] ^ table[256 + ((high >> 16) & 0xFF)] ^ table[high >> 24];
        }

        foreach (var value in bytes)
        {
            crc = table[(crc ^ value) & 0xFF] ^ (crc >> 8);
        }

        return ~crc;
    }

    /// <summary>CRC-CCITT as IEEE C37.118.2 uses it: x^16+x^12+x^5+1, begun with FFFF, not reflected; of "123456789" it is 29B1.</summary>
    public static ushort CrcCcitt(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFFu;
        foreach (var value in bytes)
        {
            crc = CcittTable[((crc >> 8) ^ value) & 0xFF] ^ ((crc << 8) & 0xFFFF);
        }

        return (ushort)crc;
    }

    /// <summary>Of each byte value, and of it with one to seven zeros behind.</summary>
    private static uint[] BuildCrc32()
    {
        var table = new uint[8 * 256];
        for (var i = 0u; i < 256; i++)
        {
            var entry = i;
            for (var bit = 0; bit < 8; bit++)
            {
                entry = (entry & 1) == 0 ? entry >> 1 : 0xEDB88320 ^ (entry >> 1);
            }

            table[i] = entry;
        }

        for (var i = 256; i < table.Length; i++)
        {
            table[i] = (table[i - 256] >> 8) ^ table[table[i - 256] & 0xFF];
        }

        return table;
    }

    private static ushort[] BuildCcitt()
    {
        var table = new ushort[256];
        for (var i = 0u; i < table.Length; i++)
        {
            var entry = i << 8;
            for (var bit = 0; bit < 8; bit++)
            {
                entry = ((entry & 0x8000) == 0 ? entry << 1 : (entry << 1) ^ 0x1021) & 0xFFFF;
            }

            table[i] = (ushort)entry;
        }

        return table;
    }
}
