using GridServices.OpenAdr.Configuration;

namespace GridServices.OpenAdr.Service.Registry;

/// <summary>Reads what a person PUTs as a VEN; every fault is named at once, with its place and how to fix it.</summary>
public static class VenConfigReader
{
    public static ConfigOutcome<VenConfig> Read(ReadOnlyMemory<byte> json) => ConfigOutcome<VenConfig>.Read(json, config =>
    {
        var rules = VenRules.Check(config);
        return (rules.Faults, rules.Warnings);
    });
}
