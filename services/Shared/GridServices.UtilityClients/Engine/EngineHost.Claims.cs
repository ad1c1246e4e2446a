using GridServices.Contracts;
using GridServices.Hosting.Refusals;

namespace GridServices.UtilityClients.Engine;

/// <summary>What two engines may not both have: a stream that both would write, or what is one tenant's own.</summary>
public partial class EngineHost<TView, TConfig, TState, TInput, TKind>
{
    /// <summary>Two engines that wrote to one stream would overwrite each other's schedule.</summary>
    private void RequireOwnClaims(EngineId id, TConfig config)
    {
        var own = protocol.GetClaims(config).ToHashSet();
        foreach (var other in Loops.Where(l => l.Id != id && l.Id.Tenant == id.Tenant))
        {
            var shared = other.Claims.SelectMany(protocol.GetClaims).FirstOrDefault(own.Contains);
            if (shared != default)
            {
                throw protocol.CreateTakenProblem(shared, other.Id);
            }
        }

        if (FindForeignTenantProblem(id, config) is { } refusal)
        {
            throw refusal;
        }
    }

    /// <summary>The refusal of a configuration with something that is another tenant's; null: it has nothing of that kind.</summary>
    public ProblemException? FindForeignTenantProblem(EngineId id, TConfig config) =>
        protocol.TenantsOwn(config).FirstOrDefault(own => Holders(own).FirstOrDefault() is { } first && first.Id.Tenant != id.Tenant) is { } taken
            ? protocol.CreateForeignTenantProblem(taken)
            : null;

    /// <summary>The first one's tenant has it: several may, where it became one tenant's own only after they had it.</summary>
    private IOrderedEnumerable<EngineLoop<TView, TConfig, TState, TInput, TKind>> Holders(string own) =>
        Loops.Where(l => l.Claims.SelectMany(protocol.TenantsOwn).Contains(own, StringComparer.Ordinal)).OrderBy(l => l.Number);

    private void WarnOfShared()
    {
        foreach (var own in Loops.SelectMany(l => protocol.TenantsOwn(l.View.Config)).Distinct(StringComparer.Ordinal))
        {
            var holders = Holders(own).ToList();
            foreach (var later in holders.Where(l => l.Id.Tenant != holders[0].Id.Tenant))
            {
                WarnShared(Words.Title, later.Id, SafeText.Line(own), holders[0].Id);
            }
        }
    }
}
