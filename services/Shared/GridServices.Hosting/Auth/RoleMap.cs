using System.Collections.Frozen;

namespace GridServices.Hosting.Auth;

/// <summary>The issuer's words for our roles; a word that it does not hold is no role.</summary>
internal static class RoleMap
{
    private static readonly FrozenDictionary<string, Role> Own = Enum.GetValues<Role>().ToFrozenDictionary(role => role.Name(), StringComparer.Ordinal);

    /// <summary>Reads <c>word=role, word=role</c>; without any text the words are our own.</summary>
    /// <param name="text">The setting.</param>
    /// <param name="faults">What can't be meant.</param>
    /// <returns>Null where there are faults.</returns>
    internal static FrozenDictionary<string, Role>? Read(string? text, out IReadOnlyList<string> faults)
    {
        faults = [];
        if (string.IsNullOrWhiteSpace(text))
        {
            return Own;
        }

        var map = new Dictionary<string, Role>(StringComparer.Ordinal);
        foreach (var entry in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var at = entry.LastIndexOf('=');
            if (at < 1 || !Own.TryGetValue(entry[(at + 1)..].Trim(), out var role) || !map.TryAdd(entry[..at].Trim(), role))
            {
                faults = [$"AccessTokens:Roles '{entry}' must be the issuer's word, '=' and one of {string.Join(", ", Own.Keys.Order(StringComparer.Ordinal))}; each word once."];
                return null;
            }
        }

        if (map.Count == 0)
        {
            faults = [$"AccessTokens:Roles '{text}' names no role: leave it out, or write e.g. grid-operators=operator."];
            return null;
        }

        return map.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
