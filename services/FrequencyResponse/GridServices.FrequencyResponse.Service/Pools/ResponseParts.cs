using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Response;
using GridServices.FrequencyResponse.Safety;
using GridServices.FrequencyResponse.Service.Registry;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>How a service responds, as the controller takes it. Null = the contract states nothing: as the service's numbers say.</summary>
internal static class ResponseParts
{
    /// <summary>Held by frequency without a stated end: ten minutes, as for the services of the catalog.</summary>
    private const long LongestNanos = 600_000_000_000;

    public static FreedomRules? Freedom(FreedomSettings? freedom) => freedom is null ? null : new FreedomRules
    {
        OverFulfilment = (double)freedom.OverFulfilment,
        DeadbandUseHz = (double)freedom.DeadbandUseHz,
        ActivationSeconds = (double)freedom.ActivationSeconds,
        TargetSoc = (double)freedom.TargetSocPercent / 100,
        BandSoc = (double)freedom.BandSocPercent / 100,
    };

    public static FailSafeRules? SignalLost(SignalSettings? signal) => signal is null ? null : new FailSafeRules
    {
        HoldNanos = (long)(signal.HoldSeconds * 1_000_000_000m),
        RampPuPerS = (double)(1 / signal.RampSeconds),
        DeviceDefaultNanos = Math.Max(30_000_000_000, (long)((signal.HoldSeconds + signal.RampSeconds) * 1_000_000_000m)),
    };

    public static SwitchedRules? Switched(SwitchedSettings? switched, ServiceDefinition service)
    {
        if (switched is null || service.Kind != ServiceKind.Switched)
        {
            return null;
        }

        // Without a trigger of the service the contract states it; NaN is refused by the controller's own rules.
        var own = ServiceDefaults.Switched(service)
            ?? new SwitchedRules { TriggerHz = double.NaN, High = service.Direction == ResponseDirection.Lower, SupportNanos = 0 };
        var support = Nanos(switched.SupportSeconds) ?? own.SupportNanos;
        var byFrequency = switched.ReleaseHz is not null || !double.IsNaN(own.ReleaseHz);
        var longest = own.LongestSupportNanos > 0 || !byFrequency ? own.LongestSupportNanos : LongestNanos;
        return own with
        {
            TriggerHz = (double?)switched.TriggerHz ?? own.TriggerHz,
            SupportNanos = support,
            LongestSupportNanos = Nanos(switched.LongestSupportSeconds) ?? longest,
            ReleaseHz = (double?)switched.ReleaseHz ?? own.ReleaseHz,
            ReleasePuPerS = (double?)switched.ReleasePuPerSecond ?? own.ReleasePuPerS,
            RearmNanos = Nanos(switched.RearmSeconds) ?? own.RearmNanos,
            RearmHz = (double?)switched.RearmHz ?? own.RearmHz,
        };
    }

    private static long? Nanos(decimal? seconds) => seconds is { } stated ? (long)(stated * 1_000_000_000m) : null;
}
