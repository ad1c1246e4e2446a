using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using GridServices.Contracts;

namespace GridServices.FrequencyResponse.Service.Publishing;

/// <summary>What the hub was told of a contract, by boundary: revisions only go up, and what was said already is not said again.</summary>
internal sealed record PublishedRevision(ImmutableSortedDictionary<string, PublishedBoundary> Boundaries)
{
    public static PublishedRevision Nothing { get; } = new(ImmutableSortedDictionary.Create<string, PublishedBoundary>(StringComparer.Ordinal));

    public static string GetKey(EnvelopeTarget target) => $"{EnumNames<TargetKind>.GetName(target.Kind)}:{target.Id}";

    public PublishedBoundary GetBoundary(EnvelopeTarget target) => Boundaries.GetValueOrDefault(GetKey(target)) ?? new PublishedBoundary(target, string.Empty, 0, null);

    public PublishedRevision With(PublishedBoundary boundary) => new(Boundaries.SetItem(GetKey(boundary.Target), boundary));
}

/// <summary>The last revision at a boundary.</summary>
/// <param name="Target">The boundary.</param>
/// <param name="SiteId">Of which site.</param>
/// <param name="Revision">From 1; 0 = never.</param>
/// <param name="Content">SHA-256 of what was said; null = withdrawn, or never said.</param>
internal sealed record PublishedBoundary(EnvelopeTarget Target, string SiteId, long Revision, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Content)
{
    /// <summary>Identifies what an envelope says, apart from its id and revision.</summary>
    public static string HashContent(Envelope envelope) => Convert.ToHexStringLower(SHA256.HashData(
        JsonSerializer.SerializeToUtf8Bytes(envelope with { EnvelopeId = Guid.Empty, Revision = 1 }, ContractJson.Options)));
}
