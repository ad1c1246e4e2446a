using GridServices.Contracts;

namespace GridServices.Ieee2030Dot5.Configuration;

/// <summary>The rules of named programs, fallback limits and fail-safes.</summary>
internal static class DerProgramConfigRules
{
    public static void Check(DerClientConfig config, ConfigFaults faults)
    {
        LimitsAt("/fallback", config.Fallback, faults);
        Failsafe("/failsafe", config.Failsafe, faults);
        var programs = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < config.Programs.Count; i++)
        {
            var (program, at) = (config.Programs[i], $"/programs/{i}");
            if (!Identifiers.IsPlainText(program.Program, 255))
            {
                faults.Add($"{at}/program", "must be the program's mRID or href as the server gives it");
            }

            faults.Once($"{at}/program", program.Program, programs);
            if (program.Stream is { } stream)
            {
                faults.Identifier($"{at}/stream", stream);
            }

            Failsafe($"{at}/failsafe", program.Failsafe, faults);
        }
    }

    internal static void Failsafe(string at, Failsafe? failsafe, ConfigFaults faults)
    {
        if (failsafe is null)
        {
            return;
        }

        if (failsafe.StaleAfter <= NodaTime.Duration.Zero)
        {
            faults.Add($"{at}/staleAfter", "must be more than zero, such as PT2M");
        }

        if (failsafe is { OnStale: OnStale.Failsafe, Limits: null })
        {
            faults.Add($"{at}/limits", "is missing: with onStale failsafe the limits to fall back to must be stated");
        }

        LimitsAt($"{at}/limits", failsafe.Limits, faults);
    }

    private static void LimitsAt(string at, Limits? limits, ConfigFaults faults)
    {
        faults.Watts($"{at}/importLimitW", limits?.ImportLimitW);
        faults.Watts($"{at}/exportLimitW", limits?.ExportLimitW);
        faults.Watts($"{at}/chargeLimitW", limits?.ChargeLimitW);
        faults.Watts($"{at}/dischargeLimitW", limits?.DischargeLimitW);
        faults.Watts($"{at}/generationLimitW", limits?.GenerationLimitW);
        faults.Watts($"{at}/loadLimitW", limits?.LoadLimitW);
    }
}
