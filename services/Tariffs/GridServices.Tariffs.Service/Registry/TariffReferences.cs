using System.Text.Json;

namespace GridServices.Tariffs.Service.Registry;

/// <summary>The ids under <c>tariffId</c> in a request, near its top. What is wrong with the request its reader tells.</summary>
internal static class TariffReferences
{
    private const int MostIds = 100;
    private const int Deepest = 3;

    public static IReadOnlySet<string> In(ReadOnlySpan<byte> request)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            var reader = new Utf8JsonReader(request, new JsonReaderOptions { MaxDepth = 128 });
            while (ids.Count < MostIds && reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth <= Deepest && reader.ValueTextEquals("tariffId"u8)
                    && reader.Read() && reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= 512)
                {
                    ids.Add(reader.GetString()!);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new HashSet<string>(StringComparer.Ordinal);
        }

        return ids;
    }
}
