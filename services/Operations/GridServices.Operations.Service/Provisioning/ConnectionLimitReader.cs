using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Storage;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Clients;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>How the limit of a site's connection stands, here and at the hub.</summary>
public sealed record ConnectionLimitState
{
    public required string SiteId { get; init; }

    /// <summary>The limit that holds here, and what has to be done about it.</summary>
    public required ConnectionLimit Limit { get; init; }

    /// <summary>What the connection as it is stated now would give; absent: that is the limit.</summary>
    public ConnectionLimit? Stated { get; init; }

    /// <summary>Revision that was said to the hub last; 0 = none.</summary>
    public required long Revision { get; init; }

    /// <summary>Whether a limit is published; false: it was withdrawn, or never was, or the hub's token here is another tenant's.</summary>
    public required bool IsPublished { get; init; }

    /// <summary>What the hub holds; absent: nothing, or it is not known.</summary>
    public HubLimit? AtHub { get; init; }

    /// <summary>Whether the hub holds another limit than was published here; absent: it is not known.</summary>
    public bool? DiffersAtHub { get; init; }

    /// <summary>Why it is not known what the hub holds.</summary>
    public string? HubProblem { get; init; }

    /// <summary>Whether there is something to confirm: a limit that is held of before and could go, or one that the hub holds and is not ours.</summary>
    public required bool MayConfirm { get; init; }
}

/// <summary>Asks the hub what it holds of a site's connection, and holds it against what was published here.</summary>
internal sealed class ConnectionLimitReader(Store store, ServiceCalls calls, IEnvelopeHubApi hub, HubLink link, ConnectionLimits limits)
{
    private const string Incomplete = "the hub has lost what it held and waits for publishers to say it again";

    internal async Task<ConnectionLimitState> ReadAsync(Site site, CancellationToken ct)
    {
        var (revision, said) = await FindPublishedAsync(site, ct);
        var (isOurs, isUnconfirmed) = (string.Equals(site.Tenant, link.Tenant, StringComparison.Ordinal), await store.ReadAsync(db => limits.IsUnconfirmedAsync(db, site.Tenant, site.SiteId), ct));

        // Asked before the hub is: what has arrived there by its answer is not missing in it.
        var isOnItsWay = !isOurs || await store.ReadAsync(db => limits.IsOnItsWayAsync(db, site.Tenant, site.SiteId), ct);
        var reply = await calls.CallAsync(ServiceName.EnvelopeHub, site.Tenant, token => hub.ListEnvelopesAsync(token, site.SiteId, ct), ct);
        var answer = reply.As<SiteEnvelopes>();
        var held = answer is null ? null : ConnectionAtHub.Find(answer);
        var isUnknown = answer is null || (held is null && answer.Incomplete is true);
        var (limit, atHub) = (ConnectionLimit.Compute(site), held is null ? null : ConnectionAtHub.GetLimit(held));
        bool? differs = isUnknown ? null : ConnectionAtHub.Differs(said, revision, held, isOnItsWay);
        return new ConnectionLimitState
        {
            SiteId = site.SiteId,
            Limit = differs is true ? limit with { Actions = [.. limit.Actions, ConnectionAtHub.Action(said, atHub)] }
                : isUnconfirmed ? limit with { Actions = [.. limit.Actions, ConnectionAtHub.Unconfirmed] } : limit,
            Stated = site.HeldConnection is null ? null : ConnectionLimit.Compute(site.Connection),
            Revision = revision,
            IsPublished = said is not null && isOurs,
            AtHub = atHub,
            DiffersAtHub = differs,
            HubProblem = !isUnknown ? null : answer is null ? reply.Problem ?? ServiceReply.Foreign : Incomplete,
            MayConfirm = ConnectionLimit.MayConfirm(site) && (site.HeldConnection is not null || isUnconfirmed || differs is true),
        };
    }

    private async Task<(long Revision, DefaultLimits? Said)> FindPublishedAsync(Site site, CancellationToken ct)
    {
        var (revision, content) = await store.ReadAsync(
            db => db.QuerySingleOrDefaultAsync<(long, string?)>("SELECT revision, content FROM connection_limits WHERE tenant = @Tenant AND site_id = @SiteId", new { site.Tenant, site.SiteId }), ct);
        return (revision, content is null ? null : JsonSerializer.Deserialize<DefaultLimits>(content, ContractJson.Options));
    }
}
