using System.Collections.Immutable;
using GridServices.Hosting.Configuration;

namespace GridServices.Tariffs.Service.Registry;

/// <summary>Whether a change of a tariff waits for a second person.</summary>
internal sealed record ApprovalOptions : ISettings
{
    private const string None = "none";
    private const string Required = "required";

    public static string Section => "Approval";

    /// <summary>`none`: a tariff that is put is in force at once. `required`: it is held until somebody with another token approves it.</summary>
    public string Tariffs { get; init; } = None;

    /// <summary>The same for single tenants, in place of `Approval:Tariffs`: `Approval:Tenants:acme=required`.</summary>
    public IReadOnlyDictionary<string, string?> Tenants { get; init; } = ImmutableDictionary<string, string?>.Empty;

    /// <summary>Whether a tenant's tariffs wait for approval.</summary>
    public bool AppliesTo(string tenant) => (Tenants.FirstOrDefault(t => string.Equals(t.Key, tenant, StringComparison.OrdinalIgnoreCase)).Value ?? Tariffs) == Required;

    public IEnumerable<string> Validate() => Tenants.Select(t => (Key: $"Approval:Tenants:{t.Key}", t.Value)).Append((Key: "Approval:Tariffs", Value: Tariffs))
        .Where(s => s.Value is not (None or Required)).Select(s => $"{s.Key} is '{s.Value}'; it is none or required.");
}
