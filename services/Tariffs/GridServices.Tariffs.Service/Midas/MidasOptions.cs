using System.Collections.Immutable;
using System.Text.RegularExpressions;
using GridServices.Contracts;
using GridServices.Hosting.Configuration;
using GridServices.Tariffs.Midas;
using NodaTime;

namespace GridServices.Tariffs.Service.Midas;

/// <summary>Which signals of the California Energy Commission's MIDAS are fetched.</summary>
internal sealed partial record MidasOptions : ISettings
{
    private const int MostMinutes = 1440;

    public static string Section => "Midas";

    /// <summary>MIDAS 2.0, or what answers like it; https. Reading needs no token.</summary>
    public string Url { get; init; } = "https://midasapi.energy.ca.gov/api";

    /// <summary>RINs of rates by the name of the price series that they become: `Midas:Prices:pge-ev=USCA-PGPG-EV2A-0000`. Export prices become the series `pge-ev.export`.</summary>
    public IReadOnlyDictionary<string, string?> Prices { get; init; } = ImmutableDictionary<string, string?>.Empty;

    /// <summary>RINs of GHG signals by the name of the grid zone: `Midas:Intensity:PGE=USCA-SGIP-MOER-PGE`.</summary>
    public IReadOnlyDictionary<string, string?> Intensity { get; init; } = ImmutableDictionary<string, string?>.Empty;

    /// <summary>Minutes from one fetch of a signal to the next.</summary>
    public int EveryMinutes { get; init; } = 15;

    public ImmutableArray<MidasSignal> Signals => [.. GetSignals(MidasKind.Prices, Prices), .. GetSignals(MidasKind.Intensity, Intensity)];

    public MidasTimetable Timetable => new() { Every = Duration.FromMinutes(EveryMinutes) };

    public Uri Address(MidasSignal signal) => new($"{Url.TrimEnd('/')}/ValueData?ID={signal.RateId}&QueryType=realtime");

    public IEnumerable<string> Validate()
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var address) || !(address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)))
        {
            yield return "Midas:Url must be an https address.";
        }

        if (EveryMinutes is < 1 or > MostMinutes)
        {
            yield return $"Midas:EveryMinutes is 1 to {MostMinutes}.";
        }

        foreach (var signal in Signals.Where(s => !Identifiers.IsSafe(s.Kind == MidasKind.Prices ? GetExportName(s.Name) : s.Name) || !Rin().IsMatch(s.RateId)))
        {
            yield return $"Midas:{signal.Kind}:{signal.Name} names a RIN, e.g. USCA-PGPG-EV2A-0000.";
        }

        foreach (var name in Prices.Keys.Where(n => Prices.Keys.Contains(GetExportName(n), StringComparer.OrdinalIgnoreCase)))
        {
            yield return $"Midas:Prices:{name} writes its export prices to the series {GetExportName(name)}, and so does Midas:Prices:{GetExportName(name)}; name one of them otherwise.";
        }
    }

    /// <summary>The series of a rate's export prices.</summary>
    public static string GetExportName(string name) => $"{name}.export";

    private static IEnumerable<MidasSignal> GetSignals(MidasKind kind, IReadOnlyDictionary<string, string?> named) =>
        named.Where(n => n.Value is { Length: > 0 }).OrderBy(n => n.Key, StringComparer.OrdinalIgnoreCase).Select(n => new MidasSignal(kind, n.Key, n.Value!));

    [GeneratedRegex("^[A-Z]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{2,10}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Rin();
}
