namespace GridServices.Contracts;

/// <summary>Prices over time, as they are checked on reading.</summary>
internal static class PriceRules
{
    public const decimal MaxPrice = 1_000_000_000_000;
    public const int MaxDecimals = 12;

    public static PriceSeries PriceSeries(ObjectReader o)
    {
        var series = new PriceSeries
        {
            SeriesId = o.Guid("seriesId"),
            Revision = o.Integer("revision", 1, ObjectReader.MaxInteger),
            SiteId = o.Identifier("siteId"),
            Stream = o.Object("stream", EnvelopeRules.Stream)!,
            Currency = Currency(o, "currency"),
            Unit = o.Text("unit", 32),
            Segments = o.Array("segments", EnvelopeReader.MaxSegments, Segment),
            Provenance = o.Object("provenance", EnvelopeRules.Provenance)!,
        };
        if (!o.Faults.Any)
        {
            SpanRules.Check(o, "segments", series.Segments, s => (s.From, s.Until));
        }

        return series;
    }

    /// <summary>Three capital letters (ISO 4217).</summary>
    public static string Currency(ObjectReader o, string member)
    {
        var text = o.Text(member, 3);
        if (text.Length != 3 || !text.All(char.IsAsciiLetterUpper))
        {
            o.Fail(ErrorClass.SemanticCode, member, "must be an ISO 4217 code such as EUR");
        }

        return text;
    }

    private static PriceSegment Segment(ObjectReader o) => new()
    {
        From = o.Instant("from"),
        Until = o.OptionalInstant("until"),
        ImportPrice = o.OptionalDecimal("importPrice", -MaxPrice, MaxPrice, MaxDecimals),
        ExportPrice = o.OptionalDecimal("exportPrice", -MaxPrice, MaxPrice, MaxDecimals),
        Cause = o.OptionalObject("cause", EnvelopeRules.Cause),
    };
}
