using System.Text;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Events;

namespace GridServices.Ieee2030Dot5.Envelopes;

/// <summary>What a line of authority is called at the hub.</summary>
internal static class StreamKeys
{
    private const string FallbackKey = "site-fallback";

    /// <summary>The configured name, else the program's own in safe characters; null: the site's fallback.</summary>
    public static string For(DerScheduleConfig config, string? programKey) =>
        config.StreamPrefix + (programKey is null ? FallbackKey : Configured(config, programKey)?.Stream ?? Safe(programKey));

    public static ProgramStream? Configured(DerScheduleConfig config, string programKey) =>
        config.Programs.FirstOrDefault(p => string.Equals(p.Program, programKey, StringComparison.OrdinalIgnoreCase));

    private static string Safe(string key)
    {
        var safe = new StringBuilder();
        foreach (var c in key.Trim('/'))
        {
            _ = safe.Append(char.IsAsciiLetterOrDigit(c) || c is '_' or '~' or '-' || (c == '.' && safe.Length > 0 && safe[^1] != '.') ? c : '-');
        }

        if (safe.Length == 0 || !char.IsAsciiLetterOrDigit(safe[0]))
        {
            _ = safe.Insert(0, 'p');
        }

        // Room for the prefix; a longer href keeps what tells it apart.
        var most = Identifiers.MaxLength / 2;
        return safe.Length <= most ? safe.ToString() : $"p{safe.ToString(safe.Length - most + 1, most - 1)}";
    }
}
