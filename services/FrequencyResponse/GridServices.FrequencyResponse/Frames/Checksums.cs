namespace GridServices.FrequencyResponse.Frames;

/// <summary>The two checksums that the frames carry.</summary>
public static class Checksums
{
    private static readonly ushort[] CcittTable = BuildCcitt();

    /// <summary>CRC-32 of IEEE 802.3 (as in zlib and PNG): of "123456789" it is CBF43926.</summary>
    public static uint Crc32(ReadOnlySpan<byte> bytes) => System.IO.Hashing.Crc32.HashToUInt32(bytes);

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
