using GridServices.OpenAdr.Configuration;

namespace GridServices.OpenAdr.Service.Registry;

/// <summary>Reads what a person PUTs as a VEN; every fault is named at once, with its place and how to fix it.</summary>
public static class VenConfigReader
{
    /// <param name="json">The body.</param>
    /// <param name="isPushOffered">Whether the service listens for VTNs that push.</param>
    /// <param name="files">The certificate files that may be named.</param>
    public static ConfigOutcome<VenConfig> Read(ReadOnlyMemory<byte> json, bool isPushOffered, TenantFiles files) => ConfigOutcome<VenConfig>.Read(json, config =>
    {
        var rules = VenRules.Check(config, isPushOffered, files);
        return (rules.Faults, rules.Warnings);
    });
}
