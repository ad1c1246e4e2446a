using System.Diagnostics.CodeAnalysis;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Hosting.Hub;

/// <summary>How well a service hears the utility (or meter) behind each of its streams.</summary>
public interface IUpstreamHealth
{
    /// <summary>False until the service knows its streams: nothing is reported before.</summary>
    bool IsReady => true;

    /// <summary>Judged now, asked every second: <c>Since</c> may be <paramref name="now"/>; the reporter keeps when a status began.</summary>
    IEnumerable<UpstreamStream> Streams(Instant now);
}

/// <summary>
/// Whether what a service says of a stream rests on what it has heard since its start: of its utility, its meter, a person. Only then is it put above
/// a newer revision that the hub holds: a store that was put back says yesterday's word, which may be looser than the limit in force.
/// </summary>
public interface IStreamHearing
{
    /// <summary>Asked when the hub holds another word, and every few seconds while that stays so.</summary>
    /// <returns>Null: it does; else why not, a sentence for operators that says what is waited for.</returns>
    string? WhyUnheard(SpokenStream stream);
}

/// <summary>A stream that this service speaks for, or spoke for when its store was copied.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="SiteId">Where.</param>
/// <param name="Stream">Which line of authority.</param>
/// <param name="IsFresh">True: the latest word on it was said by this process; false: it is known from the store alone.</param>
public sealed record SpokenStream(string Tenant, string SiteId, StreamId Stream, bool IsFresh)
{
    private const int TenantPart = 0;
    private const int SitePart = 1;
    private const int LeastParts = 5;

    /// <summary>From the key that <see cref="Publications"/> makes: <c>tenant|site|target or "prices"|…|service|stream</c>.</summary>
    internal static bool TryParse(string key, bool isFresh, [NotNullWhen(true)] out SpokenStream? stream)
    {
        var parts = key.Split('|');
        stream = parts.Length < LeastParts ? null : new SpokenStream(parts[TenantPart], parts[SitePart], new StreamId(parts[^2], parts[^1]), isFresh);
        return stream is not null;
    }
}

/// <summary>Of a service that hears no utility: what it says anew counts, what it merely has stored does not.</summary>
internal sealed class StoredPublicationHearing : IStreamHearing
{
    internal const string OnlyStored = "It is known here from the store alone, which may have been put back: a person decides. State it again, or strike it with DELETE /v1/outbox/{id}.";

    public string? WhyUnheard(SpokenStream stream) => stream.IsFresh ? null : OnlyStored;
}
