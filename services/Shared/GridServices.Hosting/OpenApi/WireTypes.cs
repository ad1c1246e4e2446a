using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using NodaTime;

namespace GridServices.Hosting.OpenApi;

/// <summary>Values that are one JSON text, number or truth value.</summary>
internal static class WireTypes
{
    private const string Decimal = "A decimal with all its digits, never rounded";

    internal static OpenApiSchema? FindSchema(Type type, bool isRead, bool decimalsAreText) =>
        type == typeof(string) ? Text(null, null)
        : type == typeof(bool) ? new OpenApiSchema { Type = JsonSchemaType.Boolean }
        : type == typeof(int) || type == typeof(short) || type == typeof(ushort) || type == typeof(byte) ? Number(JsonSchemaType.Integer, "int32")
        : type == typeof(long) || type == typeof(uint) || type == typeof(ulong) ? Number(JsonSchemaType.Integer, "int64")
        : type == typeof(double) ? Number(JsonSchemaType.Number, "double")
        : type == typeof(float) ? Number(JsonSchemaType.Number, "float")
        : type == typeof(decimal) ? CreateDecimal(isRead, decimalsAreText)
        : type == typeof(Guid) ? Text("uuid", null)
        : type == typeof(Uri) ? Text("uri", null)
        : type == typeof(Instant) ? CreateInstant(isRead)
        : type == typeof(Duration) || type == typeof(Period) ? new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^-?P[0-9.YMWDTHS]+$", Description = "ISO 8601 duration, e.g. PT2M or PT0.5S" }
        : type == typeof(LocalDate) ? Text("date", "ISO 8601, e.g. 2026-03-29")
        : type == typeof(LocalTime) ? Text("time", "ISO 8601")
        : type == typeof(YearMonth) ? Text(null, "A month, e.g. 2026-03")
        : type == typeof(AnnualDate) ? Text(null, "A day of the year, e.g. 03-29")
        : type == typeof(JsonElement) || type == typeof(JsonNode) || type == typeof(object) ? new OpenApiSchema { Description = "Any JSON value" }
        : type.IsValueType && !type.IsEnum && type.Name.EndsWith("Time", StringComparison.Ordinal) && type.Namespace?.StartsWith("GridServices.", StringComparison.Ordinal) == true
            ? Text(null, "A wall clock time HH:mm, 00:00 to 24:00")
        : null;

    // A decimal that is written as text is read as number or as text.
    private static OpenApiSchema CreateDecimal(bool isRead, bool decimalsAreText) =>
        decimalsAreText ? new OpenApiSchema { Type = isRead ? JsonSchemaType.Number | JsonSchemaType.String : JsonSchemaType.String, Format = "decimal", Description = Decimal }
        : Number(JsonSchemaType.Number, "decimal");

    // Readers take UTC with Z only; what a generated client makes of the format date-time has an offset.
    private static OpenApiSchema CreateInstant(bool isRead) => new()
    {
        Type = JsonSchemaType.String,
        Format = isRead ? null : "date-time",
        Pattern = isRead ? "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$" : null,
        Description = "RFC 3339, UTC, ends in Z",
    };

    private static OpenApiSchema Text(string? format, string? description) => new() { Type = JsonSchemaType.String, Format = format, Description = description };

    private static OpenApiSchema Number(JsonSchemaType type, string format) => new() { Type = type, Format = format };
}
