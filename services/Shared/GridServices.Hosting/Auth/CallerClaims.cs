using System.Collections.Frozen;
using System.Text.Json;
using GridServices.Contracts;

namespace GridServices.Hosting.Auth;

/// <summary>
/// From the claims of a token, whose signature holds, to the caller it speaks for. Pure. What is not said, or not understood, is never read as "all":
/// no tenant, no role that is known here or no sites is a refusal.
/// </summary>
internal sealed class CallerClaims(AccessTokenOptions options)
{
    internal const string IdPrefix = "oauth:";
    private const string EverySite = "*";
    private const int MostSites = 10_000;
    private const int LongestName = 200;
    private readonly FrozenDictionary<string, Role> _roles = RoleMap.Read(options.Roles, out _) ?? FrozenDictionary<string, Role>.Empty;

    /// <param name="claims">The token's payload.</param>
    /// <param name="fault">Why there is no caller; for people who set up the issuer.</param>
    internal Caller? Read(JsonElement claims, out string fault)
    {
        fault = string.Empty;
        if (Name(claims) is not { } name)
        {
            fault = "The token names nobody: it needs 'sub' or 'client_id', of 200 plain characters at most.";
            return null;
        }

        if (Tenant(claims) is not { } tenant)
        {
            fault = $"The token names no tenant: its issuer must put one into the claim '{options.TenantClaim}' (AccessTokens:TenantClaim), or AccessTokens:Tenant name one for all.";
            return null;
        }

        return ReadRole(claims, out fault) is { } role && TryReadSites(claims, role, out var sites, ref fault)
            ? new Caller(IdPrefix + name, tenant, role, sites)
            : null;
    }

    /// <summary>The value of a claim by its name, or by a path of names with dots. Null: it is not there.</summary>
    internal static JsonElement? Find(JsonElement claims, string name)
    {
        if (claims.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (claims.TryGetProperty(name, out var value))
        {
            return value;
        }

        // Names may hold dots themselves (https://example.com/roles): every cut is tried.
        for (var at = name.IndexOf('.', StringComparison.Ordinal); at > 0; at = name.IndexOf('.', at + 1))
        {
            if (claims.TryGetProperty(name[..at], out var inner) && Find(inner, name[(at + 1)..]) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    // A subject that can't be taken must not make a person's token that of the program: the audit would name the wrong one.
    private static string? Name(JsonElement claims) => FindText(Find(claims, "sub") ?? Find(claims, "client_id"));

    private string? Tenant(JsonElement claims) => (Find(claims, options.TenantClaim), options.Tenant) switch
    {
        (null, { Length: > 0 } forAll) => forAll,
        // Where both speak they must say the same: a token for another tenant is none for ours.
        ({ } said, { Length: > 0 } forAll) => string.Equals(FindText(said), forAll, StringComparison.Ordinal) ? forAll : null,
        ({ } said, _) => FindText(said),
        _ => null,
    };

    private Role? ReadRole(JsonElement claims, out string fault)
    {
        var known = (Strings(Find(claims, options.RolesClaim)) ?? []).Where(_roles.ContainsKey).Select(word => _roles[word]).Distinct().ToList();
        fault = known.Count switch
        {
            1 => string.Empty,
            0 => $"The token has no role that is known here: its issuer must put one into the claim '{options.RolesClaim}' (AccessTokens:RolesClaim, AccessTokens:Roles).",
            _ => $"The token has several roles that are known here ({string.Join(", ", known.Select(role => role.Name()))}), and a caller has one: leave all but one out of AccessTokens:Roles.",
        };
        return known.Count == 1 ? known[0] : null;
    }

    private bool TryReadSites(JsonElement claims, Role role, out IReadOnlySet<string>? sites, ref string fault)
    {
        sites = null;
        var found = Find(claims, options.SitesClaim);
        if (found is null)
        {
            fault = role is Role.Publisher or Role.Operator or Role.Admin ? string.Empty
                : $"The token of role {role.Name()} names no sites: its issuer must list them in the claim '{options.SitesClaim}' (AccessTokens:SitesClaim), or put '*' there for all.";
            return fault.Length == 0;
        }

        if (Strings(found) is not { Count: > 0 and <= MostSites } named || named.Any(site => site.Length > LongestName || !SafeText.IsClean(site)))
        {
            fault = $"The claim '{options.SitesClaim}' is no list of 1 to {MostSites} site ids.";
            return false;
        }

        var isAll = named.Contains(EverySite, StringComparer.Ordinal);
        if (isAll && (named.Count > 1 || role.NeedsSites()))
        {
            fault = $"The claim '{options.SitesClaim}' says '*' {(named.Count > 1 ? "beside other sites" : $"for role {role.Name()}, which must name its sites")}.";
            return false;
        }

        sites = isAll ? null : named.ToFrozenSet(StringComparer.Ordinal);
        return true;
    }

    private static IReadOnlyList<string>? Strings(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.String } text => AccessTokenOptions.SplitWords(text.GetString()!),
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) => [.. list.EnumerateArray().Select(item => item.GetString()!)],
        _ => null,
    };

    private static string? FindText(JsonElement? value) => value is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 and <= LongestName } plain
        && SafeText.IsClean(plain) && !string.IsNullOrWhiteSpace(plain) ? plain : null;
}
