using System.Text.Json;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Invoices;

/// <summary>Documents and parties as they are stored: every digit is read back as it was.</summary>
public static class InvoiceJson
{
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, TariffJson.OwnOptions);

    public static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, TariffJson.OwnOptions)!;
}
