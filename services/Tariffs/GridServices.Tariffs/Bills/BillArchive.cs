using System.IO.Compression;
using System.Text.Json;

namespace GridServices.Tariffs;

/// <summary>A bill kept to be shown again, digit by digit: its own records, packed.</summary>
public static class BillArchive
{
    private static readonly JsonSerializerOptions Options = new(TariffJson.OwnOptions) { IgnoreReadOnlyProperties = true };

    public static byte[] Pack(Bill bill)
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            JsonSerializer.Serialize(zip, bill, Options);
        }

        return packed.ToArray();
    }

    public static Bill Unpack(byte[] packed)
    {
        using var zip = new GZipStream(new MemoryStream(packed, writable: false), CompressionMode.Decompress);
        return JsonSerializer.Deserialize<Bill>(zip, Options)!;
    }
}
