using GridServices.Contracts;

namespace GridServices.UtilityClients.Tls;

/// <summary>The certificate files that one tenant may name: with another tenant's it would speak to a utility as that tenant.</summary>
/// <param name="Folder">See <see cref="CertificateFolderOptions.Folder"/>.</param>
/// <param name="Tenant">The tenant.</param>
public sealed record TenantFiles(string? Folder, string Tenant)
{
    private const string DefaultTenant = "default";

    /// <summary>Judges the name alone, so that nothing is told of whether such a file exists.</summary>
    /// <returns>Null: it may be named; otherwise why not, and what to do.</returns>
    public string? Refusal(string path)
    {
        if (Folder is null)
        {
            return Tenant == DefaultTenant ? null : $"names a file, and there is no folder for the certificates of tenant {Tenant}: whoever runs this service sets Certificates:Folder";
        }

        var own = Path.Combine(Path.GetFullPath(Folder), Tenant) + Path.DirectorySeparatorChar;
        return Path.IsPathFullyQualified(path) && Path.GetFullPath(path).StartsWith(own, StringComparison.Ordinal)
            ? null
            : $"must be a file below {own}, where the certificates of this tenant are; {SafeText.Line(path)} is not";
    }
}
