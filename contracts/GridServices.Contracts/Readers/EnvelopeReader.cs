namespace GridServices.Contracts;

/// <summary>Reads what publishers send: one CloudEvent in structured JSON, or an array of them (architecture section 3, "Reading rules").</summary>
/// <remarks>Never throws on input: a body that can't be read as a whole gives a refusal, every item of a batch stands for itself.</remarks>
public static class EnvelopeReader
{
    /// <summary>Most segments, and most targets, of one envelope.</summary>
    public const int MaxSegments = 1024;

    private const string SubjectForm = "tenants/{tenant}/sites/{site}";

    /// <summary>One event or a batch; each failure carries class, JSON pointer and how to fix it.</summary>
    public static BatchOutcome<Publication> ReadPublication(ReadOnlyMemory<byte> json, BodyLimits? limits = null) =>
        JsonBody.ReadMany(json, limits ?? BodyLimits.Default, ReadEvent);

    /// <summary>An envelope alone, as it stands in <c>data</c>, in snapshots and in answers.</summary>
    public static ReadOutcome<Envelope> ReadEnvelope(ReadOnlyMemory<byte> json, BodyLimits? limits = null) =>
        JsonBody.ReadSingle(json, limits ?? BodyLimits.Default, EnvelopeRules.Envelope);

    private static Publication? ReadEvent(ObjectReader item)
    {
        if (item.OptionalString("specversion") is not "1.0")
        {
            item.Fail(ErrorClass.SchemaInvalid, "specversion", "must be \"1.0\"");
        }

        if (item.OptionalString("datacontenttype") is not (null or "application/json"))
        {
            item.Fail(ErrorClass.SchemaInvalid, "datacontenttype", "must be \"application/json\"");
        }

        var head = new Head(item.Text("id", Identifiers.MaxLength), item.Text("source", 256), ReadSubject(item), item.Instant("time"));
        var publication = ReadData(item, head);
        if (publication is not null && !string.Equals(publication.Key.SiteId, head.Subject.Site, StringComparison.Ordinal))
        {
            item.Faults.Add(ErrorClass.SemanticId, item.Path.Child("data").Child("siteId"), "differs from the site in the event's subject; make them the same");
        }

        return publication;
    }

    private static Publication? ReadData(ObjectReader item, Head head)
    {
        switch (item.OptionalString("type"))
        {
            case CloudEventTypes.EnvelopePublished:
                return item.Object("data", EnvelopeRules.Envelope) is { } envelope
                    ? new EnvelopePublished { EventId = head.Id, Source = head.Source, Tenant = head.Subject.Tenant, SiteId = head.Subject.Site, Time = head.Time, Envelope = envelope }
                    : null;
            case CloudEventTypes.EnvelopeWithdrawn:
                return item.Object("data", EnvelopeRules.Withdrawal) is { } withdrawal
                    ? new EnvelopeWithdrawn { EventId = head.Id, Source = head.Source, Tenant = head.Subject.Tenant, SiteId = head.Subject.Site, Time = head.Time, Withdrawal = withdrawal }
                    : null;
            case CloudEventTypes.PricesPublished:
                return item.Object("data", PriceRules.PriceSeries) is { } prices
                    ? new PricesPublished { EventId = head.Id, Source = head.Source, Tenant = head.Subject.Tenant, SiteId = head.Subject.Site, Time = head.Time, Prices = prices }
                    : null;
            default:
                item.Fail(ErrorClass.SchemaInvalid, "type",
                    $"must be {CloudEventTypes.EnvelopePublished}, {CloudEventTypes.EnvelopeWithdrawn} or {CloudEventTypes.PricesPublished}");
                return null;
        }
    }

    private static (string Tenant, string Site) ReadSubject(ObjectReader item)
    {
        var subject = item.OptionalString("subject");
        if (subject is null)
        {
            item.Fail(ErrorClass.SchemaInvalid, "subject", $"required: {SubjectForm}");
            return default;
        }

        var parts = subject.Split('/', 5);
        if (parts is ["tenants", var tenant, "sites", var site] && Identifiers.IsSafe(tenant) && Identifiers.IsSafe(site))
        {
            return (tenant, site);
        }

        item.Fail(ErrorClass.SemanticId, "subject", $"must have the form {SubjectForm} with plain identifiers");
        return default;
    }

    private sealed record Head(string Id, string Source, (string Tenant, string Site) Subject, NodaTime.Instant Time);
}
