using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Auth;

namespace GridServices.Hosting.Publishing;

/// <summary>The <c>id</c> and the <c>subject</c> of a CloudEvent, found without reading the rest.</summary>
internal static class EventId
{
    internal static string? Read(ReadOnlySpan<byte> cloudEvent) => Text(cloudEvent, "id"u8);

    /// <summary>Whether the caller may see the event. One that does not say whose it is (damaged, or refused for that) is for who runs the service.</summary>
    internal static bool IsFor(Caller caller, ReadOnlySpan<byte> cloudEvent, string siteId) =>
        caller.MayAct(siteId) && (Text(cloudEvent, "subject"u8) is { } subject ? subject == CloudEvents.Subject(caller.Tenant, siteId) : caller.Role.MayDoEverything());

    private static string? Text(ReadOnlySpan<byte> cloudEvent, ReadOnlySpan<byte> member)
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
                var isIt = json.ValueTextEquals(member);
                json.Read();
                if (isIt)
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
