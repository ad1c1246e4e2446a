using System.Globalization;
using System.Text;
using GridServices.FrequencyResponse.Catalog;

namespace GridServices.Simulators.Grid.Plots;

/// <summary>docs/frequency/catalog.md: the catalog for people, drawn from the catalog.</summary>
public static class CatalogPage
{
    public const string FileName = "catalog.md";

    public static string Draw()
    {
        var page = new StringBuilder();
        page.Append("# Catalog of frequency services\n\n");
        page.Append("Generated from the code by the simulator's `plots`; change `services/FrequencyResponse/GridServices.FrequencyResponse/Catalog` instead. ");
        page.Append("Responses are shares of the contracted quantity, + raises the frequency. Certainties: see [frequency.md](../frequency.md#catalog).\n");
        foreach (var entry in CatalogAnswer.Create(ServiceCatalog.BuiltIn).Services)
        {
            Append(page, entry);
        }

        return page.ToString();
    }

    private static void Append(StringBuilder page, CatalogEntry entry)
    {
        page.Append(CultureInfo.InvariantCulture, $"\n## {entry.Id}\n{entry.Name}; {entry.NominalHz} Hz, {Word(entry.Kind)}, {Word(entry.Direction)}.");
        page.Append(entry.Validity is { } validity ? $" Sold in this form {validity} ({Word(validity.Certainty)}: {validity.Source})." : string.Empty);
        page.Append(entry.Note is { } note ? $" {note}\n\n" : "\n\n");
        page.Append("| number | value | certainty | source |\n|---|---|---|---|\n");
        if (entry.CurveCertainty is { } certainty)
        {
            var corners = string.Join(", ", entry.Curve!.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c[0]} Hz → {c[1]}")));
            page.Append(CultureInfo.InvariantCulture, $"| curve | {corners} | {Word(certainty)} | {entry.CurveSource} |\n");
        }

        foreach (var (name, number) in entry.Numbers)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {name} | {number.Value} | {Word(number.Certainty)} | {number.Source} |\n");
        }
    }

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
