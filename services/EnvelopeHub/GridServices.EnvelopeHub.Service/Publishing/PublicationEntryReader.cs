using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;
using NodaTime.Text;

namespace GridServices.EnvelopeHub.Service.Publishing;

/// <summary>Makes of a validated publication what is stored and sent: the CloudEvent anew, with nothing in it that wasn't read.</summary>
internal static class PublicationEntryReader
{
    public static PublicationEntry Parse(Publication publication)
    {
        // A record that was read strictly has one written form: hashed for comparison, and what subscribers get.
        var data = JsonSerializer.SerializeToUtf8Bytes(publication.Data, publication.Data.GetType(), ContractJson.Options);
        return new PublicationEntry
        {
            Site = new SiteKey(publication.Tenant, publication.SiteId),
            Publication = publication,
            Content = Convert.ToHexStringLower(SHA256.HashData(data)),
            Event = Event(publication, data),
        };
    }

    private static ReadOnlyMemory<byte> Event(Publication publication, byte[] data)
    {
        var buffer = new ArrayBufferWriter<byte>(data.Length + 384);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("specversion"u8, "1.0"u8);
            json.WriteString("id"u8, publication.EventId);
            json.WriteString("source"u8, publication.Source);
            json.WriteString("type"u8, GetEventType(publication));
            json.WriteString("subject"u8, CloudEvents.Subject(publication.Tenant, publication.SiteId));
            json.WriteString("time"u8, InstantPattern.ExtendedIso.Format(publication.Time));
            json.WriteString("datacontenttype"u8, "application/json"u8);
            json.WritePropertyName("data"u8);
            json.WriteRawValue(data, skipInputValidation: true);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static string GetEventType(Publication publication) => publication switch
    {
        EnvelopePublished => CloudEventTypes.EnvelopePublished,
        EnvelopeWithdrawn => CloudEventTypes.EnvelopeWithdrawn,
        _ => CloudEventTypes.PricesPublished,
    };
}
