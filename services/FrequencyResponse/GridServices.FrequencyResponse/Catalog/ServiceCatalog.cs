using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>Every service that can be contracted or evaluated, by id; ids are told apart by case.</summary>
public sealed class ServiceCatalog
{
    private readonly FrozenDictionary<string, ServiceDefinition> _services;

    private ServiceCatalog(IEnumerable<ServiceDefinition> services) =>
        _services = services.ToFrozenDictionary(s => s.Id, s => s.Drawn(), StringComparer.Ordinal);

    /// <summary>The services of this product, as their rules state them.</summary>
    public static ServiceCatalog BuiltIn { get; } = new([
        .. GreatBritain.Services, .. ContinentalEurope.Services, .. Nordic.Services, .. NorthAmerica.Services,
        .. Australia.Services, .. Ireland.Services, .. Switzerland.Services, .. Quebec.Services, .. Regulation.Services, .. DeviceDroops.Services]);

    public IEnumerable<ServiceDefinition> Services => _services.Values.OrderBy(s => s.Id, StringComparer.Ordinal);

    public ServiceDefinition? Find(string id) => _services.GetValueOrDefault(id);

    public bool TryFind(string id, [NotNullWhen(true)] out ServiceDefinition? service) => _services.TryGetValue(id, out service);

    /// <summary>The form of the same product that is sold during the whole span; null where there is none.</summary>
    public ServiceDefinition? FormAt(ServiceDefinition service, NodaTime.Instant from, NodaTime.Instant? until) =>
        service.Product is null ? null : Services.FirstOrDefault(s => s.Product == service.Product && s.Validity?.Covers(from, until) != false);

    /// <summary>The catalog with further services, or with services in the place of those of the same id.</summary>
    public ServiceCatalog With(params IEnumerable<ServiceDefinition> services)
    {
        var all = _services.ToDictionary(StringComparer.Ordinal);
        foreach (var service in services)
        {
            all[service.Id] = service;
        }

        return new ServiceCatalog(all.Values);
    }
}
