using System.Text.Json;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Catalog;
using GridServices.Hosting;
using GridServices.Hosting.Configuration;

namespace GridServices.FrequencyResponse.Service.Registry;

/// <summary>The built-in services with the numbers that <c>Catalog:Overrides</c> (a JSON file) puts in the place of recalled ones.</summary>
internal sealed class FrequencyCatalog(ServiceCatalog services)
{
    public ServiceCatalog Services => services;

    /// <exception cref="StartException">The file can't be read, or replaces what it must not.</exception>
    public static FrequencyCatalog From(CatalogOptions options)
    {
        if (options.Overrides is not { Length: > 0 } path)
        {
            return new FrequencyCatalog(ServiceCatalog.BuiltIn);
        }

        try
        {
            var read = CatalogOverrides.Apply(ServiceCatalog.BuiltIn, File.ReadAllBytes(path));
            return read.TryGet(out var services, out var problem)
                ? new FrequencyCatalog(services)
                : throw new StartException($"Catalog:Overrides {path}: {problem.Pointer} {problem.Detail}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"Catalog:Overrides {path} can't be read: {e.Message}", e);
        }
    }

    /// <summary>The service that a contract names or states; null, and a fault, where there is none.</summary>
    public ServiceDefinition? FindService(ContractSettings contract, ConfigFaults faults)
    {
        if (contract.Service is null == contract.Custom is null)
        {
            faults.Add("/service", "write either service (GET /v1/catalog lists them) or custom");
            return null;
        }

        return contract.Custom is { } custom ? Custom(custom, faults) : Named(contract.Service!, faults);
    }

    private ServiceDefinition? Named(string id, ConfigFaults faults)
    {
        if (services.TryFind(id, out var service))
        {
            return service.AsContracted();
        }

        var near = Spelling.Nearest(id, services.Services.Select(s => s.Id));
        faults.Add(ErrorClass.SemanticReference, "/service", $"'{SafeText.Line(id)}' is not in the catalog; {(near is null ? "GET /v1/catalog lists the services" : $"did you mean {near}?")}");
        return null;
    }

    private static ServiceDefinition? Custom(JsonElement custom, ConfigFaults faults)
    {
        var read = CustomService.Read(JsonSerializer.SerializeToUtf8Bytes(custom));
        if (!read.TryGet(out var service, out var problem))
        {
            faults.Add(Problems.FindClass(problem) ?? ErrorClass.Configuration, "/custom" + problem.Pointer, problem.Detail ?? problem.Title);
        }

        return service;
    }
}

/// <summary>Which numbers the catalog has.</summary>
internal sealed record CatalogOptions : ISettings
{
    public static string Section => "Catalog";

    /// <summary>A JSON file with numbers in place of recalled ones.</summary>
    public string? Overrides { get; init; }

    public IEnumerable<string> Validate() => [];
}
