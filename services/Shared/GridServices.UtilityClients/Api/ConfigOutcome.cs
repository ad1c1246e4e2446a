using GridServices.Contracts;
using GridServices.Contracts.Json;

namespace GridServices.UtilityClients.Api;

/// <summary>A configuration, or what is wrong with it.</summary>
/// <param name="Config">Null where there are faults.</param>
/// <param name="Faults">Why it was refused.</param>
/// <param name="Warnings">What was accepted though it looks doubtful.</param>
public sealed record ConfigOutcome<TConfig>(TConfig? Config, IReadOnlyList<ConfigFault> Faults, IReadOnlyList<string> Warnings)
    where TConfig : class
{
    /// <summary>Reads a document and checks it by the protocol's rules; every fault is named at once.</summary>
    public static ConfigOutcome<TConfig> Read(ReadOnlyMemory<byte> json, Func<TConfig, (IReadOnlyList<ConfigFault> Faults, IReadOnlyList<string> Warnings)> check)
    {
        ArgumentNullException.ThrowIfNull(check);
        if (StrictJson.Read<TConfig>(json, out var malformed) is not { } config)
        {
            return new ConfigOutcome<TConfig>(null, malformed, []);
        }

        var (faults, warnings) = check(config);
        return faults.Count > 0 ? new ConfigOutcome<TConfig>(null, faults, []) : new ConfigOutcome<TConfig>(config, [], warnings);
    }
}
