using System.Text.Json;
using GridServices.Contracts;
using GridServices.Contracts.Json;
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

    private static readonly JsonBounds Bounds = new(MaxBytes) { MaxDepth = 2, Repeated = ErrorClass.SchemaInvalid };
    private static readonly string[] Known = ["ts", "hz", "src", "rocof", "voltage"];

    /// <summary>Reads one line; a value that is absent, null, a text or no number is a refusal, never a number.</summary>
    /// <returns>The sample, or null and why it is none.</returns>
    public static SampleLine? Read(ReadOnlyMemory<byte> line, out ConfigFault? fault)
    {
        using var document = StrictJson.Open(line, Bounds, out fault);
        if (document is null)
        {
            fault = fault!.Class == ErrorClass.SchemaInvalid ? fault : fault with { Class = ErrorClass.Malformed };
            return null;
        }

        var faults = new ConfigFaults(most: 1);
        var sample = Members(new JsonMember(document.RootElement, JsonPath.Root, faults));
        fault = faults.Any ? faults.All[0] with { Class = ErrorClass.SchemaInvalid } : null;
        return faults.Any ? null : sample;
    }

    private static SampleLine Members(JsonMember line)
    {
        line.RefuseUnknown(Known);
        foreach (var empty in Known.Where(name => line.IsObject && line.Raw.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Null))
        {
            line.Fail(ErrorClass.SchemaInvalid, empty, "null is not a measurement; leave the member out, or the line");
        }

        var source = line.Required("src", "the source's name").Text();
        if (source.Length is 0 or > 64)
        {
            line.Fail(ErrorClass.SchemaInvalid, "src", "a source's name has 1 to 64 characters");
        }

        var hz = Number(line.Required("hz", "the frequency in Hz, a plain number"));
        return new SampleLine(source, hz, Number(line.Member("rocof")), Number(line.Member("voltage")), Stamp(line.Member("ts")));
    }

    private static double Number(JsonMember? member) => member?.Double(double.MinValue, double.MaxValue, "a finite number") ?? double.NaN;

    private static long Stamp(JsonMember? member)
    {
        if (member is null)
        {
            return 0;
        }

        var nanos = InstantPattern.ExtendedIso.Parse(member.Text()).TryGetValue(default, out var at) ? Nanos.Unix(at) : 0;
        if (nanos <= 0)
        {
            member.Fail(ErrorClass.SchemaInvalid, null, "a time like 2027-01-15T18:00:00.1Z is wanted here");
        }

        return nanos;
    }
}
