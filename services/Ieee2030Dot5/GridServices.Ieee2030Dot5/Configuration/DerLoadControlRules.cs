using GridServices.Contracts;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Configuration;

/// <summary>The rules of demand response.</summary>
internal static class DerLoadControlRules
{
    private const string At = "/loadControl";

    public static void Check(DerClientConfig config, ConfigFaults faults)
    {
        if (config.LoadControl is not { } policy)
        {
            return;
        }

        if (policy.DeviceCategory.Length is 0 or > 8 || !policy.DeviceCategory.All(char.IsAsciiHexDigit) || policy.DeviceCategory.All(c => c == '0'))
        {
            faults.Add($"{At}/deviceCategory", "must be up to 8 hex digits with at least one bit, such as 00044000 (energy management system, virtual or mixed DER)");
        }

        faults.Watts($"{At}/referenceW", policy.ReferenceW);
        Percent($"{At}/otherwisePercent", policy.OtherwisePercent, faults);
        faults.FailsafeAt($"{At}/failsafe", policy.Failsafe);
        if (policy is { TargetReduction: DerTargetReduction.NotFollowed, DutyCycle: false, LoadOffset: false, OtherwisePercent: null })
        {
            faults.Add(At, "carries out nothing at all; leave it out, or say what targetReduction, dutyCycle, loadOffset or otherwisePercent mean");
        }

        if (policy.Reference == DerLoadReference.PresentLoad && config.AllDevices().FirstOrDefault(d => (policy.ReferenceW ?? d.Nameplate.MaxImportW) is null) is { } unknown)
        {
            faults.Add($"{At}/referenceW", $"is missing, and so is nameplate.maxImportW of site {unknown.SiteId}: a load that was not measured refers to it");
        }

        if (policy.Sheddable is { } sheddable)
        {
            Sheddable(sheddable, faults);
        }
    }

    private static void Sheddable(DerSheddable sheddable, ConfigFaults faults)
    {
        if (sheddable is { PowerW: null, Percent: null })
        {
            faults.Add($"{At}/sheddable", "says nothing; give powerW, percent or both");
        }

        faults.Watts($"{At}/sheddable/powerW", sheddable.PowerW);
        Percent($"{At}/sheddable/percent", sheddable.Percent, faults);
        faults.Within($"{At}/sheddable/for", sheddable.For, Duration.FromSeconds(1), Duration.FromDays(365));
    }

    private static void Percent(string at, int? percent, ConfigFaults faults)
    {
        if (percent is { } p)
        {
            faults.Between(p, 0, 100, at, "%");
        }
    }
}
