using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;

namespace GridServices.EnvelopeHub.Service.Feedback;

/// <summary>Whether a stored receipt or reading is what was stored.</summary>
internal static class FeedbackProof
{
    public static string Compute(SiteKey site, long receivedAt, string item) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', site.Tenant, site.SiteId, receivedAt.ToString(CultureInfo.InvariantCulture), item))));

    /// <param name="site">Whose row it is.</param>
    /// <param name="receivedAt">Ticks, as stored.</param>
    /// <param name="item">JSON, as stored.</param>
    /// <param name="proof">Null in rows of older versions: these are served as long as they can be read.</param>
    /// <returns>Null: it was changed after it was written.</returns>
    public static FeedbackItem? Read(SiteKey site, long receivedAt, string item, string? proof)
    {
        if (proof is not null && !string.Equals(proof, Compute(site, receivedAt, item), StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<FeedbackItem>(item, ContractJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
