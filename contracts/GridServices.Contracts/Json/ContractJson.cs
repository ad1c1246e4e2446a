using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GridServices.Contracts;

/// <summary>How contract v1 is written to and read from JSON, by every service and by clients.</summary>
/// <remarks>
/// camelCase members, instants RFC 3339 UTC with <c>Z</c>, durations ISO 8601 without years and months, enums as exact camelCase strings,
/// decimals as plain numbers; nulls are not written except <c>until</c>, where null means "no end"; duplicate members, numbers in strings, comments and depth over 64 are refused.
/// Input from outside goes through the readers (<see cref="EnvelopeReader"/> …), which also check meaning and name the pointer.
/// </remarks>
public static class ContractJson
{
    /// <summary>Deepest nesting of any contract document.</summary>
    public const int MaxDepth = 64;

    /// <summary>Read-only options; share them.</summary>
    public static JsonSerializerOptions Options { get; } = Build(encoder: null);

    /// <summary>The same with text as plain UTF-8 (an apostrophe is an apostrophe): for answers that people read, never for what is hashed.</summary>
    public static JsonSerializerOptions ForPeople { get; } = Build(JavaScriptEncoder.UnsafeRelaxedJsonEscaping);

    /// <summary>Adds the contract's rules to options that a framework owns (minimal APIs, OpenAPI).</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DictionaryKeyPolicy = null;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.ReadCommentHandling = JsonCommentHandling.Disallow;
        options.AllowTrailingCommas = false;
        options.AllowDuplicateProperties = false;
        options.MaxDepth = MaxDepth;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Converters.Add(new InstantConverter());
        options.Converters.Add(new DurationConverter());
        options.Converters.Add(new PlainDecimalConverter());
        options.Converters.Add(new EnumNameConverterFactory());
    }

    private static JsonSerializerOptions Build(JavaScriptEncoder? encoder)
    {
        var options = new JsonSerializerOptions { Encoder = encoder };
        Configure(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
