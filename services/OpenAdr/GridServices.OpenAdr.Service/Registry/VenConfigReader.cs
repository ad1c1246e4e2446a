using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting;

namespace GridServices.OpenAdr.Service.Registry;

/// <summary>Reads what a person PUTs as a VEN; every fault is named at once, with its place and how to mend it.</summary>
public static class VenConfigReader
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = ContractJson.MaxDepth, AllowDuplicateProperties = false };

    public static VenConfigOutcome Read(ReadOnlyMemory<byte> json)
    {
        if (!TryParse(json, out var document, out var fault))
        {
            return VenConfigOutcome.Refused([fault]);
        }

        using (document)
        {
            var faults = ConfigShape.Faults<VenConfig>(document.RootElement, ContractJson.Options);
            if (faults.Count > 0)
            {
                return VenConfigOutcome.Refused(faults);
            }

            var config = document.RootElement.Deserialize<VenConfig>(ContractJson.Options)!;
            var rules = VenRules.Check(config);
            return rules.Faults.Count > 0 ? VenConfigOutcome.Refused(rules.Faults) : new VenConfigOutcome(config, [], rules.Warnings);
        }
    }

    private static bool TryParse(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out JsonDocument? document, [NotNullWhen(false)] out ConfigFault? fault)
    {
        (document, fault) = (null, null);
        try
        {
            document = JsonDocument.Parse(json, Strict);
            return true;
        }
        catch (JsonException e)
        {
            var place = e.LineNumber is null ? string.Empty : $" at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}";
            fault = new ConfigFault(ErrorClass.Malformed, string.Empty, $"not well-formed JSON{place}: {OneLine.Of(e.Message)}");
            return false;
        }
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
