using System.Globalization;
using System.Text;
using GridServices.Contracts.Json;
using NodaTime.Text;

namespace GridServices.Tariffs.Bills;

/// <summary>A bill as CSV, one row per line item. Texts that a spreadsheet would run as a formula are made plain.</summary>
public static class BillCsv
{
    private static readonly string[] Head = ["from", "until", "kind", "charge", "name", "period", "tier", "quantity", "unit", "rate", "amount", "currency", "peak_at", "note"];

    public static string Write(Bill bill)
    {
        var csv = new StringBuilder();
        Row(csv, Head);
        foreach (var month in bill.Months)
        {
            foreach (var line in month.LineItems)
            {
                Row(csv,
                [
                    LocalDatePattern.Iso.Format(month.From), LocalDatePattern.Iso.Format(month.Until),
                        System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(line.Kind.ToString()), line.Charge, line.Name, line.Period, line.Tier?.ToString(CultureInfo.InvariantCulture),
                    Format(line.Quantity), line.Unit, Format(line.Rate), Format(line.Amount), bill.Currency, string.Join(' ', line.PeakAt.Select(InstantPattern.ExtendedIso.Format)), line.Note,
                ]);
            }
        }

        return csv.ToString();
    }

    /// <summary>A field that is quoted where it must be, with a leading apostrophe where a spreadsheet would see a formula.</summary>
    public static string Field(string? text)
    {
        text ??= string.Empty;
        var formula = text.Length > 0 && text[0] is '=' or '+' or '@' or '\t' or '\r';
        formula |= text.StartsWith('-') && !ExactDecimal.IsNumber(text);
        text = formula ? "'" + text : text;
        return text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    internal static string Format(decimal value) => (value / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture);

    private static void Row(StringBuilder csv, string?[] fields) => csv.AppendJoin(',', fields.Select(Field)).Append("\r\n");
}
