using System.Text.Json;

namespace GridServices.Hosting;

/// <summary>The <c>id</c> of a CloudEvent, found without reading the rest.</summary>
internal static class EventId
{
    internal static string? Read(ReadOnlySpan<byte> cloudEvent)
    {
        try
        {
            var json = new Utf8JsonReader(cloudEvent);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var isId = json.ValueTextEquals("id"u8);
                json.Read();
                if (isId)
                {
                    return json.TokenType == JsonTokenType.String ? json.GetString() : null;
                }

                json.Skip();
            }
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // The hub will say so better than we could.
        }

        return null;
    }
}
