namespace GridServices.FrequencyResponse;

/// <summary>Checked settings, ready for the hot path. Immutable; built once, off it.</summary>
public sealed partial class ControllerConfig
{
    public const int MaxSources = 3;
    public const int MaxServices = 8;

    private ControllerConfig(ControllerSettings settings) => Settings = settings;

    public ControllerSettings Settings { get; }

    /// <summary>Either the config, or every fault of the settings.</summary>
    public static ControllerBuild Build(ControllerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var faults = ControllerConfigRules.Check(settings);
        return new ControllerBuild(faults.Count == 0 ? new ControllerConfig(settings) : null, faults);
    }
}
