using System.Collections.Frozen;
using System.Reflection;
using System.Text;
using System.Text.Json.Serialization;
using System.Xml;
using System.Xml.Linq;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>What reading came to: exactly one of <see cref="Resource"/> and <see cref="Refusal"/>.</summary>
/// <param name="Resource">The resource; of a list, items that could not be read stand in their place.</param>
/// <param name="Refusal">Why the body as a whole was not taken.</param>
public sealed record Sep2ReadOutcome(Resource? Resource, ReadError? Refusal)
{
    /// <summary>The resource, where it is of the kind asked for; TYPE_MISMATCH where it is another.</summary>
    public (T? Value, ReadError? Refusal) As<T>()
        where T : Resource => Resource switch
        {
            null => (null, Refusal),
            T value => (value, null),
            var other => (null, new ReadError(ErrorClass.TypeMismatch, "/", $"a {Sep2Xml.GetName(other)} came where a {typeof(T).Name} was asked for")),
        };
}

/// <summary>
/// IEEE 2030.5 XML ⇄ resources. Reading takes any order, any prefix, any version of CSIP-AUS, the namespace of EPRI's software, and passes over
/// what it does not know; it never throws, and an item of a list that can't be read fails alone.
/// </summary>
/// <remarks>
/// Checked here is what one resource says: forms, ranges of the schema's types, times that exist. Not checked, because it needs configuration or
/// state: signs and sizes of limits, expiry, mRIDs that stand twice, whose device it is, where an href leads, counts of a list
/// (see <see cref="ResourceList{T}.Contradiction"/>).
/// </remarks>
public static partial class Sep2Xml
{
    /// <summary>2 MiB, 32 levels, 1,024 neighbours of a name: a page is asked for with at most 255 items.</summary>
    public static XmlLimits DefaultLimits { get; } = new()
    {
        MaxBytes = 2 * 1024 * 1024,
        MaxDepth = 32,
        MaxElements = 60_000,
        MaxTextLength = 8_192,
        MaxRepeats = 1_024,
    };

    private static readonly XmlWriterSettings Utf8 = new() { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) };

    private static readonly FrozenDictionary<string, Func<ReceivedElement, Resource>> Readers = AllReaders().ToFrozenDictionary(StringComparer.Ordinal);

    // In JSON a resource goes by its element name, too.
    private static readonly FrozenDictionary<Type, string> Names =
        typeof(Resource).GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false).ToFrozenDictionary(a => a.DerivedType, a => (string)a.TypeDiscriminator!);

    /// <summary>Reads a body as received. Never throws on any input.</summary>
    public static Sep2ReadOutcome Read(ReadOnlyMemory<byte> xml, XmlLimits? limits = null)
    {
        try
        {
            return new Sep2ReadOutcome(ReadRoot(HardenedXml.Load(xml, limits ?? DefaultLimits)), null);
        }
        catch (WireFormatException e)
        {
            return new Sep2ReadOutcome(null, e.Refusal);
        }
    }

    /// <summary>Writes a resource in UTF-8, elements in the order of the schema. What a dialect has no place for is left out.</summary>
    /// <exception cref="ArgumentException">It holds an item that could not be read, or is a kind of resource the dialect does not have.</exception>
    public static byte[] Write(Resource resource, Sep2Dialect dialect)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var root = Element(resource, new Sep2Out(dialect));
        if (Ns.Extension(dialect) is { } extension)
        {
            root.Add(new XAttribute(XNamespace.Xmlns + "csipaus", extension.NamespaceName));
        }

        using var buffer = new MemoryStream();
        using (var writer = XmlWriter.Create(buffer, Utf8))
        {
            root.Save(writer);
        }

        return buffer.ToArray();
    }

    /// <summary>The element name of a resource.</summary>
    public static string GetName(Resource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return resource is OtherResource other ? other.Name : Names[resource.GetType()];
    }

    internal static Func<ReceivedElement, Resource>? Reader(string name) => Readers.GetValueOrDefault(name);

    private static Resource ReadRoot(ReceivedElement root)
    {
        // CSIP-AUS has one resource of its own.
        if (Ns.IsCsipAus(root.Namespace) && root.Name is "ConnectionPoint")
        {
            return DeviceXml.ReadConnectionPoint(root);
        }

        return !Ns.IsBase(root.Namespace)
            ? throw root.Refuse(ErrorClass.SchemaInvalid,
                $"'{SafeText.Quote(root.Name)}' is in namespace {SafeText.Quote(root.Namespace)} instead of '{Ns.Base.NamespaceName}'")
            : Readers.TryGetValue(root.Name, out var read) ? read(root)
            : new OtherResource { Name = root.Name, Href = root.Href(), Subscribable = root.Subscribable() };
    }
}
