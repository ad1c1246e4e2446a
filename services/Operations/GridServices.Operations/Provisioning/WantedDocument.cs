using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Wire;

namespace GridServices.Operations.Provisioning;

/// <summary>Services that Operations writes to, in the order in which they are written: the line to the utility comes last.</summary>
public enum ProvisionedService
{
    Tariffs,
    FrequencyResponse,
    OpenAdr,
    Ieee2030Dot5,
}

/// <summary>A document that should be at a service.</summary>
/// <param name="Service">Where.</param>
/// <param name="Path">Of its PUT, such as <c>/v1/vens/site-1</c>.</param>
/// <param name="Json">Canonical: members sorted by name, no blanks; equal content has equal text.</param>
/// <param name="Fields">Which part of it comes from which field of the form.</param>
public sealed record WantedDocument(ProvisionedService Service, string Path, string Json, ValueList<FieldSource> Fields)
{
    /// <summary>64 lower-case hex digits of <see cref="Json"/>.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Json)));

    internal static WantedDocument Create(ProvisionedService service, string path, JsonObject content, params ReadOnlySpan<FieldSource> fields) =>
        new(service, path, Canonical(content), ValueList.Create(fields));

    /// <summary>The canonical text of a document from elsewhere.</summary>
    /// <exception cref="JsonException">Not JSON.</exception>
    public static string CanonicalText(string json) => Canonical(JsonNode.Parse(json)!.AsObject());

    private static string Canonical(JsonObject content) => System.Text.Encoding.UTF8.GetString(CanonicalJson.Bytes(content));
}

/// <summary>A part of a document and the form's field that it comes from.</summary>
/// <param name="Document">Pointer in the document; it speaks for everything below it.</param>
/// <param name="Field">Pointer in the enrollment's form, such as <c>/identity/venName</c>.</param>
public sealed record FieldSource(string Document, string Field);

/// <summary>One fault of a service's refusal (its <c>errors[]</c>).</summary>
public sealed record ServiceFault(string Pointer, string Detail);

/// <summary>The same at a field of the form; an empty field = the form as a whole.</summary>
public sealed record FieldFault(string Field, string Text);

/// <summary>Brings a service's refusal back to the form.</summary>
public static class FieldFaults
{
    /// <summary>Each fault at the field that the nearest part of the document above it comes from.</summary>
    public static IReadOnlyList<FieldFault> Match(WantedDocument document, IEnumerable<ServiceFault> faults)
    {
        ArgumentNullException.ThrowIfNull(document);
        return [.. faults.Select(fault => new FieldFault(GetField(document, fault.Pointer), fault.Pointer.Length == 0 ? fault.Detail : $"{fault.Detail} ({document.Service}, {fault.Pointer})"))];
    }

    /// <summary>The form's field that this part of the document comes from; empty where it comes from none.</summary>
    public static string GetField(WantedDocument document, string pointer) =>
        document.Fields.Where(f => IsAbove(f.Document, pointer)).MaxBy(f => f.Document.Length)?.Field ?? string.Empty;

    private static bool IsAbove(string above, string pointer) =>
        pointer.StartsWith(above, StringComparison.Ordinal) && (pointer.Length == above.Length || pointer[above.Length] == '/');
}
