using GridServices.Adapters.Ocpp;

namespace GridServices.Adapters.Service.Ocpp;

/// <summary>By what a kept word of a station holds: the system it came through, and the profile it is about.</summary>
/// <param name="System">The charge-station system's address and path, with its tenant.</param>
/// <param name="Version">Of OCPP.</param>
/// <param name="ProfileId">See <see cref="ChargingProfile.Id"/>.</param>
/// <param name="StackLevel">See <see cref="ChargingProfile.StackLevel"/>.</param>
internal sealed record KeptAt(string System, OcppVersion Version, int ProfileId, int StackLevel)
{
    public static KeptAt From(OcppPlan plan) => new(plan.Csms.Address.ToString().TrimEnd('/') + plan.Csms.Path, plan.Csms.Version, plan.Profile.Id, plan.Profile.StackLevel);
}
