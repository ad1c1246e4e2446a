using GridServices.Contracts;

namespace GridServices.Ieee2030Dot5.Configuration;

/// <summary>The rules of named programs, fallback limits and fail-safes.</summary>
internal static class DerProgramConfigRules
{
    public static void Check(DerClientConfig config, ConfigFaults faults)
    {
        faults.LimitsAt("/fallback", config.Fallback);
        faults.FailsafeAt("/failsafe", config.Failsafe);
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

            faults.FailsafeAt($"{at}/failsafe", program.Failsafe);
        }
    }
}
