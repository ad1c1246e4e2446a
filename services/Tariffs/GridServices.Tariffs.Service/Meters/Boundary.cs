using GridServices.Contracts;
using GridServices.Tariffs.Meters;

namespace GridServices.Tariffs.Service.Meters;

/// <summary>The metering boundary that a meter's limits apply at, as it stands in keys.</summary>
internal static class Boundary
{
    public static (string Kind, string Id) GetKey(MeterPlan plan) => plan.LimitsAt is { } at ? (EnumNames<TargetKind>.GetName(at.Kind), at.Id)
        : (EnumNames<TargetKind>.GetName(TargetKind.Site), plan.SiteId);
}
