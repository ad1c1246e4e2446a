using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Service.Transport;

namespace GridServices.Ieee2030Dot5.Service.Registry;

/// <summary>Reads what a person PUTs as a client; every fault is named at once, with its place and how to mend it.</summary>
internal static class ClientConfigReader
{
    public static ClientConfigOutcome Read(ReadOnlyMemory<byte> json, TlsSettings tls)
    {
        if (ConfigReader.Read<DerClientConfig>(json, out var faults) is not { } config)
        {
            return ClientConfigOutcome.Refused(faults);
        }

        var rules = ClientRules.Check(config, tls);
        return rules.Faults.Count > 0 ? ClientConfigOutcome.Refused(rules.Faults) : new ClientConfigOutcome(config, [], rules.Warnings);
    }
}

/// <summary>A configuration, or what is wrong with it.</summary>
/// <param name="Config">Null where there are faults.</param>
/// <param name="Faults">Why it was not taken.</param>
/// <param name="Warnings">What was taken though it looks doubtful.</param>
internal sealed record ClientConfigOutcome(DerClientConfig? Config, IReadOnlyList<ConfigFault> Faults, IReadOnlyList<string> Warnings)
{
    public static ClientConfigOutcome Refused(IReadOnlyList<ConfigFault> faults) => new(null, faults, []);
}
