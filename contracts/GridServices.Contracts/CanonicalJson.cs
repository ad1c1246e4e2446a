using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace GridServices.Contracts;

/// <summary>
/// The one byte form of a contract record: members sorted by name, no blanks, no nulls, numbers without exponent and trailing zeros.
/// Equal content has equal bytes, however the JSON that it came from was written.
/// </summary>
public static class CanonicalJson
{
    public static byte[] Bytes<T>(T value)
        where T : class
    {
        using var tree = JsonSerializer.SerializeToDocument(value, value.GetType(), ContractJson.Options);
        return Bytes(tree.RootElement);
    }

    /// <summary>64 lower-case hex digits.</summary>
    public static string Sha256<T>(T value)
        where T : class => Convert.ToHexStringLower(SHA256.HashData(Bytes(value)));

    public static bool SameContent<T>(T left, T right)
        where T : class => Bytes(left).AsSpan().SequenceEqual(Bytes(right));

    private static byte[] Bytes(JsonElement tree)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = ContractJson.MaxDepth }))
        {
            Write(writer, tree);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in element.EnumerateObject().Where(m => m.Value.ValueKind != JsonValueKind.Null).OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
