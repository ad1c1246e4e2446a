using System.Text.Json;

namespace GridServices.Contracts.Tests.Files;

/// <summary>How each record of contract v1 is read: by our reader where it comes from outside, else by the contract's JSON options.</summary>
internal static class ContractRecords
{
    private static readonly Dictionary<string, Func<byte[], (object? Value, Problem? Problem)>> Readers = new(StringComparer.Ordinal)
    {
        ["publication"] = json => EnvelopeReader.ReadPublication(json) is { Items: [var item] } ? (item.Value is null ? null : Event(item.Value), item.Problem) : (null, null),
        ["envelope"] = json => ToPair(EnvelopeReader.ReadEnvelope(json)),
        ["withdrawal"] = json => Data(json, CloudEventTypes.EnvelopeWithdrawn),
        ["price-series"] = json => Data(json, CloudEventTypes.PricesPublished),
        ["receipt"] = json => ToPair(ReceiptReader.Read(json).Items[0]),
        ["reading"] = json => ToPair(ReadingReader.Read(json).Items[0]),
        ["publisher-hello"] = json => ToPair(PublisherHelloReader.Read(json)),
        ["upstream-report"] = json => ToPair(UpstreamReportReader.Read(json)),
    };

    private static readonly Dictionary<string, Type> Written = new(StringComparer.Ordinal)
    {
        ["problem"] = typeof(Problem),
        ["publisher-answer"] = typeof(PublisherAnswer),
        ["publish-answer"] = typeof(PublishAnswer),
        ["effective-timeline"] = typeof(EffectiveTimeline),
        ["site-snapshot"] = typeof(SiteSnapshot),
        ["site-envelopes"] = typeof(SiteEnvelopes),
        ["heartbeat"] = typeof(Heartbeat),
        ["feedback-item"] = typeof(FeedbackItem),
    };

    public static IEnumerable<string> Names => Readers.Keys.Concat(Written.Keys);

    /// <summary>True of records that come from outside and so have a reader that names error classes.</summary>
    public static bool HasReader(string record) => Readers.ContainsKey(record);

    /// <summary>The value, or why not.</summary>
    public static (object? Value, Problem? Problem) Read(string record, byte[] json)
    {
        if (Readers.TryGetValue(record, out var reader))
        {
            return reader(json);
        }

        try
        {
            return (JsonSerializer.Deserialize(json, Written[record], ContractJson.Options), null);
        }
        catch (JsonException e)
        {
            return (null, Problems.Create(ErrorClass.SchemaInvalid, e.Message));
        }
    }

    public static byte[] Write(object value) => JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), ContractJson.Options);

    private static (object? Value, Problem? Problem) ToPair<T>(ReadOutcome<T> outcome)
        where T : class => (outcome.Value, outcome.Problem);

    /// <summary>Withdrawals and prices come inside events only.</summary>
    private static (object? Value, Problem? Problem) Data(byte[] json, string type)
    {
        var item = EnvelopeReader.ReadPublication(Sample.Utf8(
            $$"""{"specversion":"1.0","id":"1","source":"/test","type":"{{type}}","subject":"tenants/t/sites/site-1","time":"2027-01-15T18:00:00Z","data":{{System.Text.Encoding.UTF8.GetString(json)}}}""")).Items[0];
        return (item.Value?.Data, item.Problem);
    }

    private static object Event(Publication p) => p switch
    {
        EnvelopePublished e => CloudEvents.Wrap(e.Envelope, p.Source, p.Tenant, p.EventId, p.Time),
        EnvelopeWithdrawn e => CloudEvents.Wrap(e.Withdrawal, p.Source, p.Tenant, p.EventId, p.Time),
        PricesPublished e => CloudEvents.Wrap(e.Prices, p.Source, p.Tenant, p.EventId, p.Time),
        _ => throw new InvalidOperationException("a new kind of publication needs a case here"),
    };
}
