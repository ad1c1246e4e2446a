using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Driver;

namespace GridServices.OpenAdr.Service.Api;

/// <summary>Which VEN would publish which stream at which site, one change after the other, also by what is being made; nothing is changed by it.</summary>
internal sealed class BulkClaims(VenProtocol protocol, IEnumerable<VenLoop> loops)
{
    private readonly Dictionary<(string Tenant, EngineClaim Claim), EngineId> _held = loops
        .SelectMany(l => l.Claims.SelectMany(protocol.GetClaims).Select(c => ((l.Id.Tenant, c), l.Id)))
        .DistinctBy(x => x.Item1).ToDictionary(x => x.Item1, x => x.Id);

    /// <summary>The VEN would be gone.</summary>
    public void Remove(EngineId id)
    {
        foreach (var key in _held.Where(h => h.Value == id).Select(h => h.Key).ToList())
        {
            _held.Remove(key);
        }
    }

    /// <summary>Null: the VEN would publish what its configuration says; else why it would be refused, and publishes what it did.</summary>
    public string? Claim(EngineId id, VenConfig config)
    {
        var wanted = protocol.GetClaims(config).ToList();
        foreach (var claim in wanted)
        {
            if (_held.TryGetValue((id.Tenant, claim), out var holder) && holder != id)
            {
                return protocol.CreateTakenProblem(claim, holder).Message;
            }
        }

        Remove(id);
        wanted.ForEach(claim => _held[(id.Tenant, claim)] = id);
        return null;
    }
}
