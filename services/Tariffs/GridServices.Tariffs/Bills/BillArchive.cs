using System.Collections.Immutable;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Bills;

/// <summary>A bill kept to be shown again, digit by digit: its own records, packed.</summary>
public static class BillArchive
{
    private static readonly JsonSerializerOptions Options = new(TariffJson.OwnOptions)
    {
        IgnoreReadOnlyProperties = true,
        TypeInfoResolver = TariffJson.OwnOptions.TypeInfoResolver!.WithAddedModifier(EmptyListsAreNotMissing),
    };

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

    // Empty lists are not written: a cycle without a line has no lineItems.
    private static void EmptyListsAreNotMissing(JsonTypeInfo info)
    {
        foreach (var list in info.Properties.Where(p => p.PropertyType.IsGenericType && p.PropertyType.GetGenericTypeDefinition() == typeof(ImmutableArray<>)))
        {
            list.IsRequired = false;
        }
    }
}
