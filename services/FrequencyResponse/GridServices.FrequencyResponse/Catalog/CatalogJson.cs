using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.FrequencyResponse.Curves;
using GridServices.Wire;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>Documents of services, curves and points, read member by member. A rule that can't go on throws a <see cref="WireFormatException"/>; the first fault refuses the document.</summary>
internal static class CatalogJson
{
    private const int MaxDepth = 16;

    /// <summary>Opens a body and reads it; whatever is wrong with it comes back as a problem with its pointer.</summary>
    public static ReadOutcome<T> Open<T>(ReadOnlyMemory<byte> json, int maxBytes, Func<JsonMember, T> read)
        where T : class
    {
        using var document = StrictJson.Open(json, new JsonBounds(maxBytes) { MaxDepth = MaxDepth }, out var malformed);
        if (document is null)
        {
            return Refused<T>(malformed!);
        }

        var faults = new ConfigFaults();
        try
        {
            var value = read(new JsonMember(document.RootElement, JsonPath.Root, faults));
            return faults.Any ? Refused<T>(faults.All[0]) : ReadOutcome<T>.From(value);
        }
        catch (WireFormatException fault)
        {
            faults.Add(fault.Refusal.Class, fault.Refusal.Path, fault.Refusal.Detail);
            return Refused<T>(faults.All[0]);
        }
    }

    /// <summary>This as an object with members of these names only.</summary>
    public static JsonMember AsObject(this JsonMember place, params ReadOnlySpan<string> known)
    {
        foreach (var member in place.MustBeObject() ? place.Raw.EnumerateObject() : default)
        {
            if (!known.Contains(member.Name, StringComparer.Ordinal))
            {
                place.Fail(ErrorClass.SchemaInvalid, null, Spelling.Unknown(member.Name, known.ToArray()));
            }
        }

        return place;
    }

    /// <summary>Corners written <c>[[hz, response], …]</c>.</summary>
    public static Knot[] Corners(this JsonMember curve, double leastHz, double mostHz, double largest)
    {
        var pairs = curve.Items(1, ResponseCurve.MaxKnots);
        Knot[] knots = [.. pairs.Select(p => p.Items(2, 2)).Where(p => p.Length == 2)
            .Select(p => new Knot(p[0].Double(leastHz, mostHz, "a corner's frequency in Hz"), p[1].Double(-largest, largest, "a corner's response")))];
        if (knots.Length == 0 || knots.Length < pairs.Length)
        {
            throw curve.Fault(ErrorClass.SchemaInvalid, null, "corners are pairs [[hz, response], …]");
        }

        return CurveRules.Fault(knots) is { } fault
            ? throw new WireFormatException(ErrorClass.SemanticOrder, fault.Index < 0 ? curve.Pointer : $"{curve.Pointer}/{fault.Index}", fault.Detail)
            : knots;
    }

    public static WireFormatException Fault(this JsonMember place, ErrorClass kind, string? name, string detail) =>
        new(kind, name is null ? place.Pointer : $"{place.Pointer}/{name}", detail);

    private static ReadOutcome<T> Refused<T>(ConfigFault fault)
        where T : class => ReadOutcome<T>.Refused(Problems.Create(fault.Class, fault.Detail, fault.Pointer));
}
