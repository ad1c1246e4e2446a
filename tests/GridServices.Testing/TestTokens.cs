using GridServices.Hosting.Auth;

namespace GridServices.Testing;

/// <summary>A tokens file with one token per role, and the tokens in clear. More can be added while a service runs.</summary>
public sealed class TestTokens
{
    private readonly List<TokenEntry> _entries = [];

    /// <summary>Writes <c>tokens.json</c> into the folder: publisher, controller and operator of tenant <c>default</c>, all sites.</summary>
    public TestTokens(string folder)
    {
        File = Path.Combine(folder, "tokens.json");
        Publisher = Add("publisher", Role.Publisher);
        Controller = Add("controller", Role.Controller);
        Operator = Add("operator", Role.Operator);
    }

    public string File { get; }

    public string Publisher { get; }

    public string Controller { get; }

    public string Operator { get; }

    /// <summary>Adds one more token and gives it in clear.</summary>
    public string Add(string id, Role role, string tenant = "default", IReadOnlyList<string>? sites = null, string? certificateSha256 = null)
    {
        var token = TokenFile.NewToken();
        _entries.Add(TokenEntry.For(token, id, role, tenant, sites) with { CertificateSha256 = certificateSha256 });
        TokenFile.Write(File, _entries);
        return token;
    }

    public void Remove(string id)
    {
        _entries.RemoveAll(entry => string.Equals(entry.Id, id, StringComparison.Ordinal));
        TokenFile.Write(File, _entries);
    }
}
