using System.Globalization;

namespace GridServices.Hosting.Configuration;

/// <summary>Bounds of settings, with the sentence that says them.</summary>
public static class Bounds
{
    public static IEnumerable<string> Within(string key, TimeSpan value, TimeSpan least, TimeSpan most) => value < least || value > most
        ? [$"{key} is {value:c}; it must be between {least:c} and {most:c} (hh:mm:ss; a bare number counts days)."]
        : [];

    public static IEnumerable<string> Within(string key, double value, double least, double most) => !(value >= least && value <= most)
        ? [string.Create(CultureInfo.InvariantCulture, $"{key} is {value}; it must be between {least} and {most}.")]
        : [];

    public static IEnumerable<string> AtLeastOne(string key, int value) => value < 1 ? [$"{key} is {value}; it must be at least 1."] : [];

    public static IEnumerable<string> HttpAddress(string key, string? value, string example) => value is null || IsHttp(value)
        ? []
        : [$"{key} '{value}' is not an http(s) address, e.g. {example}."];

    private static bool IsHttp(string value) => Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";
}
