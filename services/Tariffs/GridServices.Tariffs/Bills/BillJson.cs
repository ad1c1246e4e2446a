using System.Collections.Immutable;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Time;
using NodaTime.Text;

namespace GridServices.Tariffs.Bills;

/// <summary>A bill as JSON: decimals are texts, so that no reader loses a digit.</summary>
public static class BillJson
{
    /// <param name="bill">The bill.</param>
    /// <param name="warnings">What was odd about the request; written as <c>warnings</c>.</param>
    public static byte[] Write(Bill bill, params ImmutableArray<Finding> warnings)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(json, bill, warnings);
        }

        return buffer.ToArray();
    }

    public static void Write(Utf8JsonWriter json, Bill bill, ImmutableArray<Finding> warnings)
    {
        json.WriteStartObject();
        json.WriteString("currency", bill.Currency);
        Number(json, "total", bill.Total);
        Number(json, "payable", bill.Payable);
        json.WriteStartObject("subtotals");
        foreach (var kind in Enum.GetValues<LineKind>())
        {
            Number(json, JsonNamingPolicy.CamelCase.ConvertName(kind.ToString()), bill.Subtotal(kind));
        }

        json.WriteEndObject();
        json.WriteString("tariffId", bill.TariffId);
        json.WritePropertyName("tariffHashes");
        JsonSerializer.Serialize(json, bill.TariffHashes);
        Text(json, "dataHash", bill.DataHash);
        json.WriteBoolean("provisional", bill.Provisional);
        Number(json, "creditCarried", bill.CreditCarried);
        json.WritePropertyName("rounding");
        JsonSerializer.Serialize(json, bill.Rounding, TariffJson.Options);
        json.WritePropertyName("notes");
        JsonSerializer.Serialize(json, bill.Notes);
        Warnings(json, warnings);
        json.WriteStartArray("months");
        foreach (var month in bill.Months)
        {
            Month(json, month);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Warnings(Utf8JsonWriter json, ImmutableArray<Finding> warnings)
    {
        if (warnings.IsEmpty)
        {
            return;
        }

        json.WriteStartArray("warnings");
        foreach (var warning in warnings)
        {
            json.WriteStartObject();
            json.WriteString("class", Problems.GetName(warning.Class));
            json.WriteString("pointer", warning.Path);
            json.WriteString("detail", warning.Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Month(Utf8JsonWriter json, BillPeriod month)
    {
        json.WriteStartObject();
        json.WriteString("month", YearMonthPattern.Iso.Format(new BillingCycle(month.From, month.Until).Month));
        json.WriteString("from", LocalDatePattern.Iso.Format(month.From));
        json.WriteString("until", LocalDatePattern.Iso.Format(month.Until));
        Number(json, "total", month.Total);
        Number(json, "roundedTotal", month.RoundedTotal);
        Number(json, "importKwh", month.ImportKwh);
        Number(json, "exportKwh", month.ExportKwh);
        Number(json, "peakKw", month.PeakKw);
        if (month.BillingDemandKw is { } kw)
        {
            Number(json, "billingDemandKw", kw);
        }

        json.WriteBoolean("provisional", month.Provisional);
        json.WriteNumber("missingIntervals", month.MissingIntervals);
        json.WriteNumber("estimatedIntervals", month.EstimatedIntervals);
        json.WriteStartArray("lineItems");
        foreach (var line in month.LineItems)
        {
            Line(json, line);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Line(Utf8JsonWriter json, LineItem line)
    {
        json.WriteStartObject();
        json.WriteString("kind", JsonNamingPolicy.CamelCase.ConvertName(line.Kind.ToString()));
        json.WriteString("charge", line.Charge);
        Text(json, "name", line.Name);
        Text(json, "period", line.Period);
        if (line.Tier is { } tier)
        {
            json.WriteNumber("tier", tier);
        }

        Number(json, "quantity", line.Quantity);
        json.WriteString("unit", line.Unit);
        Number(json, "rate", line.Rate);
        Number(json, "amount", line.Amount);
        Text(json, "version", line.Version);
        if (!line.PeakAt.IsEmpty)
        {
            json.WriteStartArray("peakAt");
            foreach (var at in line.PeakAt)
            {
                json.WriteStringValue(InstantPattern.ExtendedIso.Format(at));
            }

            json.WriteEndArray();
        }

        Terms(json, line);
        json.WriteString("formula", line.Formula);
        Text(json, "note", line.Note);
        json.WriteEndObject();
    }

    private static void Terms(Utf8JsonWriter json, LineItem line)
    {
        if (line.Terms.IsEmpty)
        {
            return;
        }

        json.WriteStartArray("terms");
        foreach (var term in line.Terms)
        {
            json.WriteStartObject();
            Number(json, "quantity", term.Quantity);
            Number(json, "rate", term.Rate);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    /// <summary>All digits, without trailing zeros.</summary>
    private static void Number(Utf8JsonWriter json, string name, decimal value) =>
        json.WriteString(name, ExactDecimal.Text(value));
}
