using GridServices.Contracts;
using GridServices.Operations.Registry;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Bulk;

/// <summary>A row of sites.csv. Powers in W; null = not stated, which never means unlimited.</summary>
public sealed record SiteRow : BulkRecord
{
    private const int LongestTag = 64;

    public required string SiteId { get; init; }
    public required string CustomerName { get; init; }
    public required string SiteName { get; init; }
    public required Address Address { get; init; }
    public required string TimeZone { get; init; }
    public long? ImportMaxW { get; init; }
    public long? ExportMaxW { get; init; }
    public PhaseWiring? Wiring { get; init; }
    public ValueList<string> Tags { get; init; } = [];

    public override string Key => SiteId;

    internal static SiteRow? Read(RowFields fields)
    {
        var row = new SiteRow
        {
            SiteId = fields.RequiredId("site_id"),
            CustomerName = fields.Required("customer_name"),
            SiteName = fields.Required("site_name"),
            Address = new Address(fields.Required("address1"), null, fields.Required("city"), fields.Text("region"), fields.Required("postcode", 20), ReadCountry(fields)),
            TimeZone = ReadZone(fields),
            ImportMaxW = Watts(fields.Kw("import_max_kw")),
            ExportMaxW = Watts(fields.Kw("export_max_kw")),
            Wiring = ReadPhases(fields),
            Tags = ReadTags(fields),
        };
        if (row.ImportMaxW is null && !fields.AnyFault)
        {
            fields.Warn("import_max_kw", "is empty: a new site has no published limit of its connection until it is known; one that is there keeps its own");
        }

        return fields.AnyFault ? null : row;
    }

    internal static long? Watts(decimal? kw) => kw is { } value ? (long)(value * 1000) : null;

    private static string ReadCountry(RowFields fields)
    {
        var text = fields.Required("country", 40);
        return text.Length == 0 || (text.Length == 2 && text.All(char.IsAsciiLetterUpper)) ? text : fields.Refuse("country", "write the two capital letters of ISO 3166, such as US, DE or CA") ?? string.Empty;
    }

    private static string ReadZone(RowFields fields)
    {
        var text = fields.Required("time_zone", 64);
        if (text.Length == 0 || DateTimeZoneProviders.Tzdb.Ids.Contains(text))
        {
            return text;
        }

        var near = Spelling.Nearest(text, DateTimeZoneProviders.Tzdb.Ids);
        return fields.Refuse("time_zone", near is null ? "write an IANA zone, such as America/Los_Angeles or Europe/Berlin" : $"is no IANA zone; did you mean {near}?") ?? string.Empty;
    }

    private static PhaseWiring? ReadPhases(RowFields fields)
    {
        switch (fields.Text("phases")?.ToLowerInvariant())
        {
            case null:
                return null;
            case "1" or "single":
                return PhaseWiring.Single;
            case "2" or "split":
                return PhaseWiring.Split;
            case "3" or "threephase":
                return PhaseWiring.ThreePhase;
            default:
                fields.Refuse("phases", "write 1, split or 3");
                return null;
        }
    }

    private static ValueList<string> ReadTags(RowFields fields)
    {
        var tags = fields.Parts("tags");
        if (tags.FirstOrDefault(t => t.Length > LongestTag) is not null)
        {
            fields.Refuse("tags", $"a tag has at most {LongestTag} characters; separate tags by |");
        }

        return tags.ToValueList();
    }
}
