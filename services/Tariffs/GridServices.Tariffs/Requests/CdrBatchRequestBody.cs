using System.Text.Json;

namespace GridServices.Tariffs.Requests;

/// <summary>CDRs as OCPI has them, with the tariffs that price them (absent: those that each carries).</summary>
public sealed record CdrBatchRequestBody(string? TariffId = null, JsonElement? Tariff = null, IReadOnlyList<JsonElement>? Tariffs = null,
    IReadOnlyList<JsonElement>? Cdrs = null, string? TimeZone = null);
