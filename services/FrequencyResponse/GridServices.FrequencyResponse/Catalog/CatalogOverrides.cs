using System.Collections.Frozen;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Wire;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>
/// Numbers that configuration puts in the place of recalled ones and of our own choices:
/// <c>{"GB-STATIC-FFR":{"triggerHz":49.6},"AEMO-R1-SWITCHED":{"triggerHz":49.55}}</c>;
/// the dates of a service are <c>validFrom</c> and <c>validUntil</c>.
/// </summary>
/// <remarks>A number read in a rule, or quoted from it, is not replaced: whoever needs another one defines a custom service.</remarks>
public static class CatalogOverrides
{
    private const string ValidFrom = "validFrom";
    private const string ValidUntil = "validUntil";
    private const int MaxBytes = 256 * 1024;

    /// <summary>The catalog with the replacements; the first one that can't be made refuses all, by its JSON pointer.</summary>
    public static ReadOutcome<ServiceCatalog> Apply(ServiceCatalog catalog, ReadOnlyMemory<byte> json)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return CatalogJson.Open(json, MaxBytes, root => catalog.With([.. root.Members(1, 256).Select(m => Replaced(catalog, m.Name, m.Value))]));
    }

    private static ServiceDefinition Replaced(ServiceCatalog catalog, string id, JsonMember members)
    {
        if (!catalog.TryFind(id, out var service))
        {
            throw new WireFormatException(ErrorClass.UnknownId, members.Pointer, $"no service {SafeText.Quote(id)} in the catalog");
        }

        var validity = service.Validity;
        var numbers = service.Numbers.ToDictionary(StringComparer.Ordinal);
        foreach (var (name, value) in members.Members(1, 64))
        {
            if (name is ValidFrom or ValidUntil)
            {
                validity = Moved(id, validity, name, value);
                continue;
            }

            if (!numbers.TryGetValue(name, out var known))
            {
                throw new WireFormatException(ErrorClass.SemanticCode, value.Pointer, $"{id} has no such number; it has {string.Join(", ", numbers.Keys.Order(StringComparer.Ordinal))}");
            }

            if (known.Certainty is not (Certainty.Recalled or Certainty.Design or Certainty.Configured))
            {
                throw new WireFormatException(
                    ErrorClass.Configuration, value.Pointer, $"{known.Value} is in {known.Source}; it is not replaced, define a custom service instead");
            }

            numbers[name] = new SourcedNumber(value.Double(GetMinimum(name), 1e12, name), Certainty.Configured, $"configured instead of {known.Value} ({known.Source})");
        }

        return service with { Numbers = numbers.ToFrozenDictionary(StringComparer.Ordinal), Validity = validity };
    }

    private static ServiceValidity Moved(string id, ServiceValidity? validity, string name, JsonMember value)
    {
        if (!TimeText.TryInstant(value.Text(), out var at))
        {
            throw new WireFormatException(ErrorClass.SemanticTime, value.Pointer, $"{name} of {id} must be an instant in UTC such as 2027-01-15T18:00:00Z");
        }

        var held = validity ?? new ServiceValidity(null, null, Certainty.Configured, "stated by the operator");
        return held with
        {
            From = name == ValidFrom ? at : held.From,
            Until = name == ValidUntil ? at : held.Until,
            Certainty = Certainty.Configured,
            Source = "stated by the operator",
        };
    }

    /// <summary>A droop of 0 would ask for endless power.</summary>
    private static double GetMinimum(string name) => name.StartsWith(NumberNames.Droop, StringComparison.Ordinal) ? 0.001 : 0;
}
