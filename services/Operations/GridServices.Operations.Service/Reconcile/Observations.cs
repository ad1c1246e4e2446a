using System.Collections.Concurrent;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Operations.Service.Reconcile;

/// <summary>
/// What the services said last of VENs, clients and sites. Only in memory: after a restart it is unknown until they say it again, and the lamps say since when.
/// </summary>
internal sealed class Observations
{
    private readonly ConcurrentDictionary<string, TenantView> _tenants = new(StringComparer.Ordinal);

    internal TenantView GetView(string tenant) => _tenants.GetOrAdd(tenant, _ => new TenantView());

    /// <summary>One tenant's.</summary>
    internal sealed class TenantView
    {
        internal ConcurrentDictionary<string, VenSeen> Vens { get; } = new(StringComparer.Ordinal);

        internal ConcurrentDictionary<string, ClientSeen> Clients { get; } = new(StringComparer.Ordinal);

        internal ConcurrentDictionary<string, SiteSeen> Sites { get; } = new(StringComparer.Ordinal);

        /// <summary>When the list of VENs was last read whole; null = never since the start.</summary>
        internal Instant? VensAt { get; set; }

        internal Instant? ClientsAt { get; set; }

        internal Instant? SitesAt { get; set; }
    }
}

/// <summary>A VEN as the OpenAdr service lists it.</summary>
/// <param name="State">registering, registered or paused.</param>
/// <param name="VenId">What the utility calls it.</param>
/// <param name="VtnUrl">Of its VTN.</param>
/// <param name="Status">How well the VTN is heard.</param>
/// <param name="Problem">Why not better.</param>
/// <param name="LastHeardAt">The VTN's last word.</param>
/// <param name="Since">Since when the state is so, as far as we saw.</param>
internal sealed record VenSeen(string State, string? VenId, string VtnUrl, string Status, string? Problem, Instant? LastHeardAt, Instant Since);

/// <summary>A client as the Ieee2030Dot5 service lists it, and its end devices by site.</summary>
internal sealed record ClientSeen(string ServerUrl, string Status, string? Detail, Instant? LastHeardAt, IReadOnlyDictionary<string, EndDeviceSeen> Devices);

/// <summary>An end device at the utility's server.</summary>
/// <param name="Presence">listed, absent or unknown.</param>
/// <param name="Lfdi">Its LFDI.</param>
/// <param name="Pin">matches, differs or open.</param>
/// <param name="Since">Since when it is so, as far as we saw.</param>
internal sealed record EndDeviceSeen(string Presence, string Lfdi, string Pin, Instant Since);

/// <summary>A site as the hub lists it.</summary>
/// <param name="Subscribers">Streams open now.</param>
/// <param name="ConnectedSince">Since when there is one, as far as we saw; null = there is none.</param>
/// <param name="LastReadingAt">The latest reading; null = none is kept.</param>
/// <param name="LastReceiptAt">The latest receipt.</param>
/// <param name="Minutes">Minutes with a reading, of those that were watched.</param>
internal sealed record SiteSeen(int Subscribers, Instant? ConnectedSince, Instant? LastReadingAt, Instant? LastReceiptAt, MinuteShare Minutes)
{
    /// <summary>When the hub's content of the site changed last; null = nothing was ever published.</summary>
    internal Instant? LastChangeAt { get; init; }

    /// <summary>Net power at the connection by its newest reading, W, import positive; null = none of the last ones states it.</summary>
    internal long? NetPowerW { get; init; }

    /// <summary>When that was measured.</summary>
    internal Instant? NetPowerAt { get; init; }

    /// <summary>The last request of its controller that the hub told of; null = of none.</summary>
    internal ControllerSighting? Controller { get; init; }
}

/// <summary>The share of the last day's minutes that had a reading, of those that we watched.</summary>
internal sealed class MinuteShare
{
    private const int Day = 24 * 60;
    private readonly bool[] _good = new bool[Day];
    private readonly bool[] _watched = new bool[Day];
    private long _last = -1;

    internal decimal Share
    {
        get
        {
            var watched = _watched.Count(w => w);
            return watched == 0 ? 0 : (decimal)_good.Count(g => g) / watched;
        }
    }

    /// <param name="now">The time of the look.</param>
    /// <param name="lastReading">The latest reading then.</param>
    internal void Add(Instant now, Instant? lastReading)
    {
        var minute = now.ToUnixTimeSeconds() / 60;
        for (var skipped = _last < 0 ? minute : Math.Max(_last + 1, minute - Day + 1); skipped < minute; skipped++)
        {
            // Nobody looked then: it counts neither way.
            (_watched[skipped % Day], _good[skipped % Day]) = (false, false);
        }

        if (minute != _last)
        {
            (_watched[minute % Day], _good[minute % Day]) = (true, false);
        }

        _good[minute % Day] |= lastReading is { } at && now - at < Duration.FromSeconds(90);
        _last = minute;
    }
}
