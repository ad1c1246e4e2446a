using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GridServices.Operations.Audit;

/// <summary>
/// What never enters the audit in clear: secrets, and personal data (which must be erasable, and the chain is not). That a masked member
/// changed is recorded; from what to what is not.
/// </summary>
public static partial class AuditMask
{
    public const string Secret = "(secret)";
    public const string Personal = "(personal)";

    private static readonly FrozenSet<string> SecretNames = new[]
    {
        "password", "passwordHash", "secret", "secrets", "clientSecret", "signingSecret", "webhookSecret", "token", "tokens", "apiToken", "tokenHash", "totp", "totpSecret",
        "recoveryCodes", "privateKey", "privateKeyPem", "keyPem", "pin", "cookie", "authorization", "apiKey", "sessionId",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> PersonalNames = new[]
    {
        "email", "billingEmail", "signerEmail", "phone", "accountNo", "account", "taxId", "legalName", "identifier", "nmi", "line1", "line2", "postcode", "geo",
        "signerName", "signedBy", "accountHolder", "meterNo", "iban", "birthDate",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> KindsOfPeople = new[] { "contact", "customer", "user" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The mask of a member by its name and the kind of entity it is in; null where it may be shown.</summary>
    public static string? FindMask(string entityKind, string name) =>
        SecretNames.Contains(name) ? Secret
        : PersonalNames.Contains(name) || (name is "name" or "notes" or "displayName" && KindsOfPeople.Contains(entityKind)) ? Personal
        : null;

    /// <summary>The JSON text of a value, with everything masked in it; null stays null.</summary>
    public static string? Text(string entityKind, JsonNode? value, bool exists = true) => exists ? Masked(entityKind, value)?.ToJsonString() ?? "null" : null;

    /// <summary>Free text such as a reason, with mail addresses, phone numbers and keys masked.</summary>
    public static string FreeText(string text) => KeyBlock().IsMatch(text) ? Secret : Phone().Replace(Mail().Replace(text, Personal), Personal);

    private static JsonNode? Masked(string entityKind, JsonNode? value) => value switch
    {
        JsonObject members => new JsonObject(members.Select(m => KeyValuePair.Create(
            m.Key, m.Value is null ? null : FindMask(entityKind, m.Key) is { } mask ? JsonValue.Create(mask) : Masked(entityKind, m.Value)))),
        JsonArray items => new JsonArray([.. items.Select(i => Masked(entityKind, i))]),
        JsonValue text when text.GetValueKind() == JsonValueKind.String => JsonValue.Create(FreeText(text.GetValue<string>())),
        _ => value?.DeepClone(),
    };

    [GeneratedRegex(@"[^\s@<>""]{1,64}@[^\s@<>""]{1,190}\.[A-Za-z]{2,24}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Mail();

    [GeneratedRegex(@"\+[0-9](?:[ ()/.-]?[0-9]){6,14}(?![0-9])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Phone();

    [GeneratedRegex("-----BEGIN [A-Z ]*PRIVATE KEY-----|Bearer [A-Za-z0-9._~+/-]{16,}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex KeyBlock();
}
