using GridServices.Contracts;
using GridServices.Wire;

namespace GridServices.OpenAdr.Codec;

/// <summary>
/// xsi:type may only repeat the type an element has anyway (<c>payloadFloat</c> → <c>PayloadFloatType</c>); any other claims that the
/// element is not what its name says. schemaLocation hints are never followed.
/// </summary>
internal static class ForeignTypes
{
    public static void Refuse(ReceivedElement element)
    {
        foreach (var attribute in element.Attributes)
        {
            if (attribute.Name is "type" && string.Equals(attribute.Namespace, Ns.Xsi, StringComparison.Ordinal) && !IsOwn(element, attribute.Value))
            {
                throw element.Refuse(ErrorClass.SchemaInvalid, $"xsi:type {SafeText.Quote(attribute.Value)} is not the type of this element; leave it out");
            }
        }

        foreach (var child in element.Children)
        {
            // An event is judged alone.
            if (child.Name is not "oadrEvent")
            {
                Refuse(child);
            }
        }
    }

    private static bool IsOwn(ReceivedElement element, string type)
    {
        var local = type.AsSpan(type.IndexOf(':', StringComparison.Ordinal) + 1);
        return local.EndsWith("Type", StringComparison.Ordinal) && local[..^4].Equals(element.Name, StringComparison.OrdinalIgnoreCase);
    }
}
