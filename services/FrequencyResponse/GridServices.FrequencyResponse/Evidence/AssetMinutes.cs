namespace GridServices.FrequencyResponse.Evidence;

/// <summary>The body of an <see cref="EvidenceKind.Assets"/> record: a minute of a pool's assets.</summary>
/// <remarks>
/// <code>
/// 8 begin of the minute, ns since 1970 UTC | n × (2 asset | 1 source | 4 set-point s | 4 measured s | 8 set-point Wh | 8 measured Wh | 8 set-point Wh of the measured time)
/// </code>
/// </remarks>
public static class AssetMinutes
{
    private const int HeadSize = 8;
    private const int RowSize = 2 + 1 + 4 + 4 + (3 * 8);

    /// <param name="startUnixNanos">Begin of the minute.</param>
    /// <param name="rows">One for each asset that had a set-point, in the order of the settings.</param>
    public static byte[] Body(long startUnixNanos, IReadOnlyCollection<AssetMinute> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var body = new byte[HeadSize + (rows.Count * RowSize)];
        var writer = new LittleEndianWriter(body);
        writer.Int64(startUnixNanos);
        foreach (var row in rows)
        {
            writer.UInt16((ushort)row.Asset);
            writer.Byte((byte)row.Source);
            writer.UInt32((uint)row.SetpointSeconds);
            writer.UInt32((uint)row.MeasuredSeconds);
            writer.Double(row.SetpointWh);
            writer.Double(row.MeasuredWh);
            writer.Double(row.SetpointMeasuredWh);
        }

        return body;
    }

    /// <returns>False: it is no such body.</returns>
    public static bool TryRead(ReadOnlySpan<byte> body, out long startUnixNanos, out IReadOnlyList<AssetMinute> rows)
    {
        (startUnixNanos, rows) = (0, []);
        if (body.Length < HeadSize || (body.Length - HeadSize) % RowSize != 0)
        {
            return false;
        }

        var reader = new LittleEndianReader(body);
        startUnixNanos = reader.Int64();
        var read = new AssetMinute[(body.Length - HeadSize) / RowSize];
        for (var i = 0; i < read.Length; i++)
        {
            var (asset, source) = (reader.UInt16(), reader.Byte());
            var (told, measured) = (reader.UInt32(), reader.UInt32());
            var (setpoint, given, beside) = (reader.Double(), reader.Double(), reader.Double());
            read[i] = new AssetMinute(asset, setpoint, told, given, beside, measured, (Performance.MeterSource)source);
        }

        rows = read;
        return Array.TrueForAll(read, r => Enum.IsDefined(r.Source));
    }
}
