using GridServices.Hosting.OpenApi;

namespace GridServices.EnvelopeHub.Service;

/// <summary>What the hub's OpenAPI document says beyond its endpoints.</summary>
internal static class HubApi
{
    internal static readonly ApiAbout About = new()
    {
        Description =
            "Merges what utilities, tariffs and markets ask of a site into one stream of constraint envelopes. Publishers post envelopes; site controllers follow one ordered stream per site "
            + "and send receipts and readings back. Powers are watts at the named boundary: import and charge are positive, every limit is a magnitude. Instants are RFC 3339 in UTC, spans are "
            + "half-open [from, until). Nothing stated is not the same as no limit: where a statement may be missing the answer is marked incomplete, or refused with 503.",
        Tags = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Envelopes"] = "What publishers state.",
            ["Sites"] = "What holds at a site.",
            ["Feedback"] = "What controllers do and measure.",
            ["Publishers"] = "Who publishes, and whether all of it has been said in the present history.",
            ["Upstream health"] = "How well the utilities behind the streams are heard.",
        },
        Parameters = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["siteId"] = "The site, 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -.",
            ["quantity"] = "A quantity such as importLimitW; the description lists them all.",
            ["from"] = "Start of the window, RFC 3339 in UTC; absent = now.",
            ["until"] = "End of the window, exclusive, RFC 3339 in UTC; absent = 48 hours after from; at most 35 days after it.",
            ["since"] = "The cursor {epoch}.{sequence} of the last answer or event; what came after it follows.",
            ["wait"] = "How long the answer may wait for a change: seconds (30 or 30s) or an ISO 8601 duration (PT30S), at most 60 s; absent = not at all.",
            ["limit"] = "Most items in one answer, 1 to 1000; absent = 1000.",
            ["source"] = "The publisher's source as in the list, without its first slash; a slash inside may stand as %2F.",
        },
        RefusesUnknownMembers = false,
    };
}
