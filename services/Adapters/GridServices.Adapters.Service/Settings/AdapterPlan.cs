using GridServices.Adapters.Lines;
using GridServices.Adapters.Service.Modbus;
using GridServices.Adapters.Service.Mqtt;
using GridServices.Adapters.Service.Ocpp;
using GridServices.Adapters.Service.Oscp;
using GridServices.Adapters.Service.Sites;
using GridServices.Client;

namespace GridServices.Adapters.Service.Settings;

/// <summary>One adapter whose settings can work: whom it follows, by what rules, and exactly one of the peers.</summary>
internal sealed record AdapterPlan(string Name, SitePlan Site)
{
    public MqttPlan? Mqtt { get; init; }
    public ModbusPlan? Modbus { get; init; }
    public OcppPlan? Ocpp { get; init; }
    public OscpPlan? Oscp { get; init; }

    /// <summary>Who here is told how much of a limit of the site, and acts on it.</summary>
    public IReadOnlyList<PeerShare> Shares { get; init; } = [];

    public SiteSessionOptions Session => Site.Session;

    public SiteRules Rules => Site.Rules;

    public string Describe() => $"site {Session.Hub.SiteId} of {Session.Hub.Hub} is told {Peer}; "
        + $"fail-safe: import {Rules.FailsafeImportW} W, export {Rules.FailsafeExportW} W";

    private string Peer => this switch
    {
        { Mqtt: { } mqtt } => $"at the broker {mqtt.Broker.Address}",
        { Ocpp: { } ocpp } => $"to {ocpp.Stations.Count} charging stations of {ocpp.Csms.Address}",
        { Oscp: { } oscp } => $"to the flexibility provider of group {oscp.Forecast.GroupId}{(oscp.RegisterUrl is { } url ? $" at {url}" : string.Empty)}",
        _ => $"to PLCs at {Modbus?.Listen}",
    };
}

/// <summary>One who acts on his part of a limit of the site.</summary>
/// <param name="Setting">Where it is set.</param>
/// <param name="Quantity">The limit.</param>
/// <param name="Percent">His part.</param>
internal sealed record PeerShare(string Setting, Quantity Quantity, int Percent);
