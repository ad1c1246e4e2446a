using System.Text.Json;
using GridServices.Contracts;
using NodaTime.Text;

namespace GridServices.FrequencyResponse.Measurement;

/// <summary>One sample as a line of JSON: <c>{"ts":"2027-01-15T18:00:00.100Z","hz":49.98,"src":"pmu-1"}</c>, optionally <c>rocof</c> and <c>voltage</c> (pu).</summary>
/// <param name="Source">The name that the line gives.</param>
/// <param name="Hz">Finite.</param>
/// <param name="RocofHzPerS">NaN = not given.</param>
/// <param name="VoltagePu">NaN = not given.</param>
/// <param name="SourceUnixNanos">Its stamp; 0 = not given.</param>
public sealed record SampleLine(string Source, double Hz, double RocofHzPerS, double VoltagePu, long SourceUnixNanos)
{
    /// <summary>Longer lines are refused unread.</summary>
    public const int MaxBytes = 1024;

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = 2 };

    /// <summary>The members that a line may have.</summary>
    public static IReadOnlyList<string> Known { get; } = ["ts", "hz", "src", "rocof", "voltage"];

    /// <summary>Reads one line; a value that is absent, null, a text or no number is a refusal, never a number.</summary>
    /// <returns>The sample, or null with the class of refusal.</returns>
    public static SampleLine? Read(ReadOnlySpan<byte> line, out ErrorClass? fault)
    {
        fault = null;
        if (line.Length > MaxBytes)
        {
            fault = ErrorClass.Malformed;
            return null;
        }

        try
        {
            var read = Members(line, out var form);
            fault = form;
            return form is null ? read : null;
        }
        catch (JsonException)
        {
            fault = ErrorClass.Malformed;
            return null;
        }
    }

    private static SampleLine? Members(ReadOnlySpan<byte> line, out ErrorClass? fault)
    {
        var reader = new Utf8JsonReader(line, Strict);
        fault = ErrorClass.SchemaInvalid;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        var (source, hz, rocof, voltage, stamp) = ((string?)null, double.NaN, double.NaN, double.NaN, 0L);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            var good = name switch
            {
                "src" => (source = reader.TokenType == JsonTokenType.String ? reader.GetString() : null) is { Length: > 0 and <= 64 },
                "hz" => double.IsNaN(hz) && Number(ref reader, out hz),
                "rocof" => Number(ref reader, out rocof),
                "voltage" => Number(ref reader, out voltage),
                "ts" => Stamp(ref reader, out stamp),
                _ => false,
            };
            if (!good)
            {
                return null;
            }
        }

        if (reader.Read() || source is null || double.IsNaN(hz))
        {
            return null;
        }

        fault = null;
        return new SampleLine(source, hz, rocof, voltage, stamp);
    }

    private static bool Number(ref Utf8JsonReader reader, out double value)
    {
        value = double.NaN;
        return reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out value) && double.IsFinite(value);
    }

    private static bool Stamp(ref Utf8JsonReader reader, out long nanos)
    {
        nanos = 0;
        if (reader.TokenType != JsonTokenType.String || !InstantPattern.ExtendedIso.Parse(reader.GetString()!).TryGetValue(default, out var at))
        {
            return false;
        }

        nanos = Nanos.Unix(at);
        return nanos > 0;
    }
}
