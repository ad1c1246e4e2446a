using System.Text;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Service.Registry;

namespace GridServices.FrequencyResponse.Service.Mqtt;

/// <summary>When a contract can be told over MQTT.</summary>
internal static class MqttRules
{
    private const int MostTopicBytes = 200;

    /// <param name="id">The contract.</param>
    /// <param name="contract">As it was put.</param>
    /// <param name="kindOf">The kind of a contract's service; null where that is not known.</param>
    /// <param name="entries">All others.</param>
    /// <param name="broker">The settings of this service.</param>
    public static IReadOnlyList<ConfigFault> Check(EntryId id, ContractSettings contract, Func<ContractSettings, ServiceKind?> kindOf, Entries entries, BrokerOptions broker)
    {
        var faults = new ConfigFaults();
        if (contract.Mqtt is not { } mqtt)
        {
            return faults.All;
        }

        var kind = kindOf(contract);
        faults.Unless(broker.Broker is not null, "/mqtt", "this service has no broker; set Mqtt:Broker, or leave mqtt out");
        faults.Unless(broker.Broker is null || broker.Tenant == id.Tenant, "/mqtt", "the broker belongs to another tenant (Mqtt:Tenant); leave mqtt out");
        faults.Unless(kind is null or ServiceKind.Instruction or ServiceKind.Signal, "/mqtt", "the service takes neither instructions nor a signal; leave mqtt out");
        faults.Unless(mqtt.WhenLost is null || kind != ServiceKind.Signal, "/mqtt/whenLost", "of a signal service `signal` says what happens when it is lost; leave whenLost out");
        faults.Between(mqtt.LostAfterSeconds, 1, 3_600, "/mqtt/lostAfterSeconds", "s");
        faults.Unless(IsTopic(mqtt.Topic), "/mqtt/topic", $"1 to {MostTopicBytes} bytes of visible ASCII without + # and spaces, neither beginning nor ending with / and not beginning with $, e.g. neso/unit-7");
        foreach (var other in entries.Contracts.Where(c => c.Id != id && c.Settings.Mqtt?.Topic == mqtt.Topic))
        {
            faults.Add(ErrorClass.Conflict, "/mqtt/topic", other.Id.Tenant == id.Tenant ? $"contract {other.Id.Key} has it; each contract has its own" : "another contract has it; each has its own");
        }

        // A pool follows one signal: of two topics each message would undo the other's.
        foreach (var other in kind == ServiceKind.Signal ? entries.Contracts.Where(c => c.Id != id && IsSignalledWith(c, id.Tenant, contract) && kindOf(c.Settings) == ServiceKind.Signal) : [])
        {
            faults.Add(ErrorClass.Conflict, "/mqtt", $"contract {other.Id.Key} on the same assets gets its signal over MQTT, and that one drives both; leave mqtt out");
        }

        return faults.All;
    }

    private static bool IsSignalledWith(ContractEntry other, string tenant, ContractSettings contract) =>
        other.Id.Tenant == tenant && other.Settings.Mqtt is not null && other.Settings.Assets.Intersect(contract.Assets, StringComparer.Ordinal).Any();

    private static bool IsTopic(string topic) =>
        topic.Length > 0 && Encoding.UTF8.GetByteCount(topic) <= MostTopicBytes
        && topic[0] is not ('$' or '/') && topic[^1] != '/' && topic.All(c => c is > ' ' and <= '~' and not ('+' or '#'));
}
