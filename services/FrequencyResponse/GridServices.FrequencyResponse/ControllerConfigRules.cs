namespace GridServices.FrequencyResponse;

/// <summary>What makes settings runnable; every fault is told, not just the first.</summary>
internal static class ControllerConfigRules
{
    internal static List<SettingsFault> Check(ControllerSettings settings)
    {
        var faults = new List<SettingsFault>();
        if (settings.Sources.Count is 0 or > ControllerConfig.MaxSources)
        {
            faults.Add(new SettingsFault("sources", $"{settings.Sources.Count} sources; state 1 to {ControllerConfig.MaxSources}"));
        }

        if (settings.Contracts.Count > ControllerConfig.MaxServices)
        {
            faults.Add(new SettingsFault("contracts", $"{settings.Contracts.Count} contracts; a pool runs at most {ControllerConfig.MaxServices}"));
        }

        return faults;
    }
}
