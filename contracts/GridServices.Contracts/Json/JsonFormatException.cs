using System.Text.Json;

namespace GridServices.Contracts.Json;

/// <summary>A value that a converter refuses, in words for people: "a date like 2026-03-29 is wanted here".</summary>
public sealed class JsonFormatException : JsonException
{
    public JsonFormatException()
    {
    }

    public JsonFormatException(string message)
        : base(message)
    {
    }

    public JsonFormatException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public JsonFormatException(ErrorClass errorClass, string message)
        : base(message) => Class = errorClass;

    /// <summary>The error class.</summary>
    public ErrorClass Class { get; } = ErrorClass.SchemaInvalid;
}
