using System.Net;

namespace GridServices.Adapters.Service.Settings;

/// <summary>What two adapters must not both have: each would undo what the other says or keeps.</summary>
internal static class SharedTargets
{
    private const string AnswersListen = "Ocpp:Answers:Listen";

    /// <summary>Every fault, with the adapters that share.</summary>
    public static IEnumerable<string> Find(IReadOnlyList<AdapterPlan> plans) =>
    [
        .. Shared(plans.SelectMany(Files)).Select(s => $"{s.Settings} name the same file: each keeps one of its own."),
        .. Shared(plans.SelectMany(Listens)).Where(s => !s.AreAnswers).Select(s => $"{s.Settings} are the same: each listens on an address of its own."),
        .. Shared(plans, p => p.Oscp is { RegisterUrl: { } provider, Forecast.GroupId: { Length: > 0 } group } ? [$"{group} at {GetAuthority(provider)}"] : [])
            .Select(s => $"{Names(s.Names, ":Oscp:GroupId")} are one group ({s.Target}), and one forecast would replace the other: each group belongs to one adapter."),
        .. Shared(plans, p => AtSystem(p, p.Ocpp?.Stations.Select(s => s.Id)))
            .GroupBy(s => Names(s.Names, string.Empty), StringComparer.Ordinal)
            .Select(g => $"{g.Key} tell the same stations ({string.Join("; ", g.Select(s => s.Target))}), and one profile would replace the other: each station belongs to one adapter."),
        .. plans.SelectMany(cleared => plans.Where(told => told != cleared).SelectMany(told => AtSystem(cleared, cleared.Ocpp?.Removed)
                .Intersect(AtSystem(told, told.Ocpp?.Stations.Select(s => s.Id)), StringComparer.Ordinal)
                .Select(s => $"{AdapterReader.Section}:{cleared.Name}:Ocpp:Removed names {s}, which {AdapterReader.Section}:{told.Name} tells: its profile would be cleared."))),
        .. Shared(plans, p => AtBroker(p, [p.Mqtt?.Broker.GetClientId(p.Name) ?? string.Empty]))
            .Select(s => $"{Names(s.Names, ":Broker:ClientId")} are the same name at one broker, which would throw out one for the other: give each a name of its own."),
        .. Shared(plans, p => AtBroker(p, p.Mqtt?.Topics ?? [])).GroupBy(s => Names(s.Names, string.Empty), StringComparer.Ordinal)
            .Select(g => $"{g.Key} say the same topics at one broker ({string.Join(", ", g.Select(s => s.Target))}), and one would overwrite the other: give each a BaseTopic and topics, or an EVerest module, of its own."),
    ];

    private static IEnumerable<(string Target, string Setting)> Files(AdapterPlan plan) => new (string? File, string Setting)[]
    {
        (plan.Session.StateFile, "StateFile"), (plan.Oscp?.RegistrationFile, "Oscp:RegistrationFile"), (plan.Ocpp?.StationsFile, "Ocpp:StationsFile"),
    }.Where(f => f.File is { Length: > 0 }).Select(f => (Path.GetFullPath(f.File!), $"{AdapterReader.Section}:{plan.Name}:{f.Setting}"));

    // The answers of several adapters may come to one door.
    private static IEnumerable<(string Target, string Setting)> Listens(AdapterPlan plan) => new (IPEndPoint? Listen, string Setting)[]
    {
        (plan.Modbus?.Listen, "Modbus:Listen"), (plan.Oscp?.Listen, "Oscp:Listen"), (plan.Ocpp?.Answers?.Listen, AnswersListen),
    }.Where(l => l.Listen is not null).Select(l => (l.Listen!.ToString(), $"{AdapterReader.Section}:{plan.Name}:{l.Setting}"));

    private static IEnumerable<(string Settings, bool AreAnswers)> Shared(IEnumerable<(string Target, string Setting)> targets) => targets
        .GroupBy(t => t.Target, t => t.Setting, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => (string.Join(" and ", g), g.All(s => s.EndsWith(AnswersListen, StringComparison.Ordinal))));

    private static IEnumerable<string> AtSystem(AdapterPlan plan, IEnumerable<string>? stations) => plan.Ocpp is { } ocpp && stations is not null
        ? stations.Select(id => $"{id} at {GetAuthority(ocpp.Csms.Address)}{(ocpp.Csms.Tenant is { } tenant ? $", tenant {tenant}" : string.Empty)}")
        : [];

    // This machine has several names.
    private static string GetAuthority(Uri address) => $"{(ThisMachine.Is(address) ? "localhost" : address.Host)}:{address.Port}";

    private static IEnumerable<(string Target, IReadOnlyList<string> Names)> Shared(IReadOnlyList<AdapterPlan> plans, Func<AdapterPlan, IEnumerable<string>> getTargets) => plans
        .SelectMany(p => getTargets(p).Distinct(StringComparer.Ordinal).Select(t => (Target: t, p.Name)))
        .GroupBy(x => x.Target, x => x.Name, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => (g.Key, (IReadOnlyList<string>)[.. g]));

    private static IEnumerable<string> AtBroker(AdapterPlan plan, IEnumerable<string> targets) =>
        plan.Mqtt is { Broker: { Uri.Host.Length: > 0 } broker } ? targets.Select(t => $"{(broker.IsHere ? "localhost" : broker.Host)}:{broker.Port} {t}") : [];

    private static string Names(IReadOnlyList<string> names, string setting) => string.Join(" and ", names.Select(n => $"{AdapterReader.Section}:{n}{setting}"));
}
