using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Driver;

namespace GridServices.OpenAdr.Service.Api;

/// <summary>Which VEN would publish which stream at which site, one change after the other; nothing is changed by it.</summary>
internal sealed class BulkClaims(VenProtocol protocol, IEnumerable<VenView> views)
{
    private readonly Dictionary<(string Tenant, EngineClaim Claim), EngineId> _held = views
        .SelectMany(v => protocol.GetClaims(v.Config).Select(c => ((v.Id.Tenant, c), v.Id)))
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
