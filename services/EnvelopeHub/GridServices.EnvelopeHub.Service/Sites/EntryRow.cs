using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Sites;

/// <summary>An entry as the store holds it.</summary>
internal sealed class EntryRow
{
    public long Head { get; set; }
    public long TrimmedTo { get; set; }
    public long Sequence { get; set; }
    public string Type { get; set; } = string.Empty;
    public string Content { get; set; } = string.Empty;
    public string? Event { get; set; }

    /// <summary>Where the row was found through what is live: the key that it is live for.</summary>
    public string? LiveKey { get; set; }

    /// <summary>See <see cref="EntryProof.HashLive"/>; null in rows of older versions.</summary>
    public string? LiveProof { get; set; }

    /// <summary>How many rows there must be for the site; -1: not known.</summary>
    public long LiveCount { get; set; } = -1;

    /// <summary>In the order of the table's columns.</summary>
    public static object?[] Values(long siteId, Entry entry, Instant now) =>
    [
        siteId,
        entry.Sequence,
        GetEventType(entry.Data),
        (entry.Data as Envelope)?.EnvelopeId.ToString("D"),
        entry.Revision,
        entry.Content,
        Encoding.UTF8.GetString(entry.Event.Span),
        now.ToUnixTimeTicks(),
    ];

    public Entry ToEntry()
    {
        var bytes = Encoding.UTF8.GetBytes(Event!);
        var (data, key, revision) = Type switch
        {
            CloudEventTypes.EnvelopePublished => WithKey(Read<Envelope>(bytes)),
            CloudEventTypes.EnvelopeWithdrawn => WithKey(Read<Withdrawal>(bytes)),
            CloudEventTypes.PricesPublished => WithKey(Read<PriceSeries>(bytes)),
            _ => throw new InvalidOperationException($"The store holds an entry of type '{Type}', which this version doesn't know."),
        };
        return new Entry { Key = key, Revision = revision, Sequence = Sequence, Content = Content, Data = data, Event = bytes };
    }

    private static string GetEventType(object data) => data switch
    {
        Envelope => CloudEventTypes.EnvelopePublished,
        Withdrawal => CloudEventTypes.EnvelopeWithdrawn,
        _ => CloudEventTypes.PricesPublished,
    };

    private static T Read<T>(byte[] bytes)
        where T : class => JsonSerializer.Deserialize<CloudEvent<T>>(bytes, ContractJson.Options)!.Data;

    private static (object, StreamKey, long) WithKey(Envelope envelope) => (envelope, StreamKey.From(envelope), envelope.Revision);

    private static (object, StreamKey, long) WithKey(Withdrawal withdrawal) => (withdrawal, StreamKey.From(withdrawal), withdrawal.Revision);

    private static (object, StreamKey, long) WithKey(PriceSeries prices) => (prices, StreamKey.From(prices), prices.Revision);
}
