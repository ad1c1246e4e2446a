using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Response;

namespace GridServices.FrequencyResponse;

/// <summary>Checked settings, ready for the hot path. Immutable; built once, off it.</summary>
public sealed class ControllerConfig
{
    public const int MaxSources = 3;
    public const int MaxServices = 8;

    private readonly SourceConfig[] _sources;
    private readonly ServiceSlot[] _slots;

    private ControllerConfig(ControllerSettings settings)
    {
        Settings = settings;
        _sources = [.. settings.Sources];
        _slots = [.. settings.Contracts.Select((c, i) => new ServiceSlot(c, i, ControllerConfigRules.SourceMask(settings, c), settings.AssetDelayNanos))];
        NominalHz = settings.Contracts.Count == 0 ? settings.NominalHz : settings.Contracts[0].Service.NominalHz;
        QuantityW = _slots.Sum(s => s.QuantityW);
        VoteToleranceHz = settings.VoteToleranceHz;
    }

    public ControllerSettings Settings { get; }

    public double NominalHz { get; }

    /// <summary>Every contract together, W, whether procured now or not.</summary>
    public double QuantityW { get; }

    internal int SourceCount => _sources.Length;

    internal int ServiceCount => _slots.Length;

    internal double VoteToleranceHz { get; }

    /// <summary>Either the config, or every fault of the settings.</summary>
    public static ControllerBuild Build(ControllerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var faults = ControllerConfigRules.Check(settings);
        return new ControllerBuild(faults.Count == 0 ? new ControllerConfig(settings) : null, faults);
    }

    internal SourceConfig Source(int index) => _sources[index];

    internal ServiceSlot Slot(int index) => _slots[index];
}
