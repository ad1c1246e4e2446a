namespace GridServices.Adapters.Service.Settings;

/// <summary>What two adapters must not both have: each would undo what the other says or keeps.</summary>
internal static class SharedTargets
{
    /// <summary>Every fault, with the adapters that share.</summary>
    public static IEnumerable<string> In(IReadOnlyList<AdapterPlan> plans) =>
    [
        .. Shared(plans, p => p.Session.StateFile is { } file ? [Path.GetFullPath(file)] : []).Select(s => $"{Names(s.Names, ":StateFile")} name the same file: each adapter keeps one of its own."),
        .. Shared(plans, p => p.Modbus is { } modbus ? [modbus.Listen.ToString()] : []).Select(s => $"{Names(s.Names, ":Modbus:Listen")} are the same: each adapter listens on an address of its own."),
        .. Shared(plans, p => p.Oscp is { } oscp ? [oscp.Listen.ToString()] : []).Select(s => $"{Names(s.Names, ":Oscp:Listen")} are the same: each adapter listens on an address of its own."),
        .. Shared(plans, p => p.Oscp is { RegistrationFile.Length: > 0 } oscp ? [Path.GetFullPath(oscp.RegistrationFile)] : [])
            .Select(s => $"{Names(s.Names, ":Oscp:RegistrationFile")} name the same file: each adapter keeps a registration of its own."),
        .. Shared(plans, p => p.Ocpp?.StationsFile is { } file ? [Path.GetFullPath(file)] : [])
            .Select(s => $"{Names(s.Names, ":Ocpp:StationsFile")} name the same file: each adapter keeps one of its own."),
        .. Shared(plans, p => p.Ocpp is { } ocpp ? ocpp.Stations.Select(station => $"{ocpp.Csms.Address.Authority} {station.Id}") : [])
            .GroupBy(s => Names(s.Names, string.Empty), StringComparer.Ordinal)
            .Select(g => $"{g.Key} tell the same stations ({string.Join(", ", g.Select(s => s.Target))}), and one profile would replace the other: each station belongs to one adapter."),
        .. Shared(plans, p => AtBroker(p, [p.Mqtt?.Broker.ClientIdOf(p.Name) ?? string.Empty]))
            .Select(s => $"{Names(s.Names, ":Broker:ClientId")} are the same name at one broker, which would throw out one for the other: give each a name of its own."),
        .. Shared(plans, p => AtBroker(p, p.Mqtt?.Topics ?? [])).GroupBy(s => Names(s.Names, string.Empty), StringComparer.Ordinal)
            .Select(g => $"{g.Key} say the same topics at one broker ({string.Join(", ", g.Select(s => s.Target))}), and one would overwrite the other: give each a BaseTopic and topics, or an EVerest module, of its own."),
    ];

    private static IEnumerable<(string Target, IReadOnlyList<string> Names)> Shared(IReadOnlyList<AdapterPlan> plans, Func<AdapterPlan, IEnumerable<string>> targetsOf) => plans
        .SelectMany(p => targetsOf(p).Distinct(StringComparer.Ordinal).Select(t => (Target: t, p.Name)))
        .GroupBy(x => x.Target, x => x.Name, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => (g.Key, (IReadOnlyList<string>)[.. g]));

    private static IEnumerable<string> AtBroker(AdapterPlan plan, IEnumerable<string> targets) =>
        plan.Mqtt is { Broker: { Uri.Host.Length: > 0 } broker } ? targets.Select(t => $"{(broker.IsHere ? "localhost" : broker.Host)}:{broker.Port} {t}") : [];

    private static string Names(IReadOnlyList<string> names, string setting) => string.Join(" and ", names.Select(n => $"{AdapterReader.Section}:{n}{setting}"));
}
