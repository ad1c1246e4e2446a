using GridServices.Hosting;

namespace GridServices.OpenAdr.Service.Registry;

/// <summary>Reads what a person PUTs as a VEN; every fault is named at once, with its place and how to mend it.</summary>
public static class VenConfigReader
{
    public static VenConfigOutcome Read(ReadOnlyMemory<byte> json)
    {
        if (ConfigReader.Read<VenConfig>(json, out var faults) is not { } config)
        {
            return VenConfigOutcome.Refused(faults);
        }

        var rules = VenRules.Check(config);
        return rules.Faults.Count > 0 ? VenConfigOutcome.Refused(rules.Faults) : new VenConfigOutcome(config, [], rules.Warnings);
    }
}

/// <summary>A configuration, or what is wrong with it.</summary>
/// <param name="Config">Null where there are faults.</param>
/// <param name="Faults">Why it was not taken.</param>
/// <param name="Warnings">What was taken though it looks doubtful.</param>
public sealed record VenConfigOutcome(VenConfig? Config, IReadOnlyList<ConfigFault> Faults, IReadOnlyList<string> Warnings)
{
    public static VenConfigOutcome Refused(IReadOnlyList<ConfigFault> faults) => new(null, faults, []);
}
