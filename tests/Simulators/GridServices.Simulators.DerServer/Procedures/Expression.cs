using System.Globalization;
using System.Text.RegularExpressions;
using NodaTime;

namespace GridServices.Simulators.DerServer.Procedures;

/// <summary>Values of a procedure: <c>$(now + '5 minutes')</c>, <c>$(maxExportW * 0.3)</c>, plain numbers.</summary>
internal static class Expression
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly Regex Time = new(@"^\$\((?<from>now(_hour|_day)?)(\s*\+\s*'(?<count>\d+)\s*(?<unit>second|minute|hour|day)s?')?\)$", RegexOptions.ExplicitCapture, Patience);
    private static readonly Regex Power = new(@"^\$\((?<of>maxImportW|maxExportW)(\s*\*\s*(?<factor>[0-9.]+))?\)$", RegexOptions.ExplicitCapture, Patience);

    /// <exception cref="SimException">It is no such expression.</exception>
    public static Instant Instant(string text, Instant now)
    {
        var match = Time.Match(text);
        if (!match.Success)
        {
            throw new SimException($"\"{text}\" is no time such as $(now + '5 minutes').");
        }

        var seconds = now.ToUnixTimeSeconds();
        var from = match.Groups["from"].Value switch { "now_hour" => seconds - (seconds % 3600), "now_day" => seconds - (seconds % 86400), _ => seconds };
        return NodaTime.Instant.FromUnixTimeSeconds(from) + (match.Groups["count"].Success ? Length(match) : Duration.Zero);
    }

    /// <exception cref="SimException">It is no such expression.</exception>
    public static decimal Number(string text, decimal maxImportW, decimal maxExportW)
    {
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var plain))
        {
            return plain;
        }

        var match = Power.Match(text);
        return match.Success
            ? (match.Groups["of"].Value is "maxImportW" ? maxImportW : maxExportW)
                * (match.Groups["factor"].Success ? decimal.Parse(match.Groups["factor"].Value, CultureInfo.InvariantCulture) : 1)
            : text switch
            {
                "true" or "True" => 1,
                "false" or "False" => 0,
                _ => throw new SimException($"\"{text}\" is no number such as $(maxExportW * 0.3)."),
            };
    }

    private static Duration Length(Match match)
    {
        var count = long.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture);
        return match.Groups["unit"].Value switch
        {
            "second" => Duration.FromSeconds(count),
            "minute" => Duration.FromMinutes(count),
            "hour" => Duration.FromHours(count),
            _ => Duration.FromDays((int)count),
        };
    }
}
