using System.Globalization;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Feedback;

/// <summary>A receipt or a reading on its way to the store.</summary>
/// <param name="Site">Where it comes from.</param>
/// <param name="Key">What makes it the same as one sent before.</param>
/// <param name="Content">Differs where a reading of the same instant says something else; empty where that doesn't matter.</param>
/// <param name="Item">What publishers get, as JSON.</param>
internal sealed record FeedbackDraft(SiteKey Site, string Key, string Content, string Item)
{
    /// <summary>What keys of readings begin with; the instant of the reading in ticks follows, then a slash and the asset.</summary>
    public const string ReadingPrefix = "reading/";

    /// <summary>Of a receipt: its own instant.</summary>
    public Instant? ReceiptAt { get; init; }

    // A controller that sends a receipt again after a crash may stamp it anew: the state is said once.
    public static FeedbackDraft From(SiteKey site, Receipt receipt, StreamId stream) => new(
        site,
        $"receipt/{receipt.EnvelopeId:D}/{receipt.Revision.ToString(CultureInfo.InvariantCulture)}/{EnumNames<ReceiptState>.GetName(receipt.State)}",
        string.Empty,
        Json(new FeedbackItem { SiteId = site.SiteId, Stream = stream, Receipt = receipt }))
    {
        ReceiptAt = receipt.At,
    };

    public static FeedbackDraft From(SiteKey site, Reading reading) => new(
        site,
        GetKey(reading),
        CanonicalJson.Sha256(reading),
        Json(new FeedbackItem { SiteId = site.SiteId, Reading = reading }));

    public static string GetKey(Reading reading) => $"{ReadingPrefix}{reading.At.ToUnixTimeTicks().ToString(CultureInfo.InvariantCulture)}/{reading.AssetId}";

    private static string Json(FeedbackItem item) => JsonSerializer.Serialize(item, ContractJson.Options);
}

/// <summary>What became of it.</summary>
internal enum FeedbackOutcome
{
    Stored,
    Duplicate,
    Conflict,
}
