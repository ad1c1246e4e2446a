using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Service.Transport;

namespace GridServices.Ieee2030Dot5.Service.Registry;

/// <summary>Reads what a person PUTs as a client; every fault is named at once, with its place and how to fix it.</summary>
internal static class ClientConfigReader
{
    public static ConfigOutcome<DerClientConfig> Read(ReadOnlyMemory<byte> json, TlsSettings tls, TenantFiles files) => ConfigOutcome<DerClientConfig>.Read(json, config =>
    {
        var rules = ClientRules.Check(config, tls, files);
        return (rules.Faults, rules.Warnings);
    });
}
