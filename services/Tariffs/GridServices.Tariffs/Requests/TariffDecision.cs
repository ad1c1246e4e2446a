using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Requests;

/// <summary>What a second person decides about a version that is held for approval.</summary>
/// <param name="Version">The held version.</param>
/// <param name="Reason">Of a rejection, for the history.</param>
public sealed record TariffDecision(string? Version = null, string? Reason = null)
{
    /// <summary>Reads <c>{"version":"2"}</c>.</summary>
    public static ReadResult<TariffDecision> Read(ReadOnlyMemory<byte> json) => TariffJson.Part<TariffDecision>(json);
}
