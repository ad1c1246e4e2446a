using GridServices.Adapters.Lines;
using GridServices.Adapters.Service.Modbus;
using GridServices.Adapters.Service.Mqtt;
using GridServices.Client;
using NodaTime;

namespace GridServices.Adapters.Service.Settings;

/// <summary>One adapter whose settings can work: whom it follows, by what rules, and exactly one of the peers.</summary>
internal sealed record AdapterPlan(string Name, SiteSessionOptions Session, SiteRules Rules, Duration StaleAfter)
{
    public MqttPlan? Mqtt { get; init; }
    public ModbusPlan? Modbus { get; init; }

    public string Describe() => $"site {Session.Hub.SiteId} of {Session.Hub.Hub} is told {(Mqtt is { } mqtt ? $"at the broker {mqtt.Broker.Address}" : $"to PLCs at {Modbus?.Listen}")}; "
        + $"fail-safe: import {Rules.FailsafeImportW} W, export {Rules.FailsafeExportW} W";
}
