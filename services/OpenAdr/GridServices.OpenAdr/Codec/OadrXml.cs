using System.Collections.Frozen;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Signatures;
using GridServices.Wire;
using static GridServices.OpenAdr.Codec.Ns;

namespace GridServices.OpenAdr.Codec;

/// <summary>What reading came to: exactly one of <see cref="Message"/> and <see cref="Refusal"/>.</summary>
/// <param name="Message">The payload.</param>
/// <param name="Refusal">Why the payload as a whole was not taken.</param>
/// <param name="RequestId">The payload's own requestID, where legible in spite of the refusal, so that the refusal can be answered.</param>
/// <param name="Name">The payload's element name, where legible in spite of the refusal.</param>
/// <param name="IsSigned">True: the payload came with a signature, verified or not.</param>
/// <param name="Stamp">Of a signature that was verified; null: none was.</param>
public sealed record ReadOutcome(
    OadrMessage? Message, ReadError? Refusal, string? RequestId = null, string? Name = null, bool IsSigned = false, SignatureStamp? Stamp = null);

/// <summary>
/// OpenADR 2.0b XML ⇄ messages. Reading is tolerant in form (any prefixes, wrapped or bare, any order of children, unknown elements ignored,
/// empty = omitted: OpenADR 2.0b rule 46) and strict in meaning; it never throws, and an event that can't be read fails alone.
/// </summary>
/// <remarks>
/// Checked here is what one element says. Not checked, because it needs configuration or state: sums and uids of intervals (rules 2, 8),
/// ranges of signal values, an eventID that stands twice, targets, market contexts, vtnID, correlation.
/// Written without schemaLocation (OpenADR 2.0b rule 45).
/// </remarks>
public static class OadrXml
{
    /// <summary>As many sites as a VEN may have: a utility names them one by one.</summary>
    private const int MostTargets = 20_000;

    /// <summary>4 MiB (room for a full payload), 64 levels, 512 events in a payload, 4,096 intervals in a signal, 20,000 resources in a target.</summary>
    public static XmlLimits DefaultLimits { get; } = new()
    {
        MaxBytes = 4 * 1024 * 1024,
        MaxOccurs = new Dictionary<string, int>(StringComparer.Ordinal) { ["oadrEvent"] = 512, ["interval"] = 4096, ["resourceID"] = MostTargets, ["groupID"] = MostTargets }.ToFrozenDictionary(StringComparer.Ordinal),
    };

    private static readonly FrozenDictionary<string, Func<ReceivedElement, OadrMessage>> Readers =
        new Dictionary<string, Func<ReceivedElement, OadrMessage>>(StringComparer.Ordinal)
        {
            ["oadrQueryRegistration"] = RegistrationXml.ReadQuery,
            ["oadrCreatePartyRegistration"] = RegistrationXml.ReadCreate,
            ["oadrCreatedPartyRegistration"] = RegistrationXml.ReadCreated,
            ["oadrCancelPartyRegistration"] = RegistrationXml.ReadCancel,
            ["oadrCanceledPartyRegistration"] = RegistrationXml.ReadCanceled,
            ["oadrRequestReregistration"] = RegistrationXml.ReadReregistration,
            ["oadrPoll"] = RegistrationXml.ReadPoll,
            ["oadrResponse"] = RegistrationXml.ReadResponse,
            ["oadrRequestEvent"] = EventXml.ReadRequest,
            ["oadrDistributeEvent"] = EventXml.ReadDistribute,
            ["oadrCreatedEvent"] = EventXml.ReadCreated,
            ["oadrRegisterReport"] = ReportXml.ReadRegister,
            ["oadrRegisteredReport"] = ReportXml.ReadRegistered,
            ["oadrCreateReport"] = ReportXml.ReadCreate,
            ["oadrCreatedReport"] = ReportXml.ReadCreated,
            ["oadrUpdateReport"] = ReportXml.ReadUpdate,
            ["oadrUpdatedReport"] = ReportXml.ReadUpdated,
            ["oadrCancelReport"] = ReportXml.ReadCancel,
            ["oadrCanceledReport"] = ReportXml.ReadCanceled,
            ["oadrCreateOpt"] = OptXml.ReadCreate,
            ["oadrCreatedOpt"] = OptXml.ReadCreated,
            ["oadrCancelOpt"] = OptXml.ReadCancel,
            ["oadrCanceledOpt"] = OptXml.ReadCanceled,
        }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly XmlWriterSettings Utf8 = new() { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) };

    /// <summary>Reads a payload as received. Never throws on any input.</summary>
    /// <param name="xml">As received.</param>
    /// <param name="limits">Null: <see cref="DefaultLimits"/>.</param>
    /// <param name="signatures">Null: signatures are neither asked for nor looked at.</param>
    public static ReadOutcome Read(ReadOnlyMemory<byte> xml, XmlLimits? limits = null, SignatureCheck? signatures = null)
    {
        ReceivedElement? payload = null;
        var isSigned = false;
        try
        {
            limits ??= DefaultLimits;
            var root = HardenedXml.Load(xml, limits);
            isSigned = signatures is null ? root.Children.Any(IsSignature) : HasSignature(root);
            var verified = signatures?.Verify(xml, isSigned, limits);
            payload = verified is null ? Payload(root) : Signed(HardenedXml.Load(verified.SignedObject, limits));
            CheckSchemaVersion(payload);
            ForeignTypes.Refuse(payload);
            return new ReadOutcome(Readers[payload.Name](payload), null, IsSigned: isSigned, Stamp: verified?.Stamp);
        }
        catch (WireFormatException e)
        {
            return new ReadOutcome(null, e.Refusal, FindRequestId(payload), payload?.Name, isSigned);
        }
    }

    /// <summary>Writes a payload: schema order, UTC, UTF-8 without byte order mark, the same bytes for the same message.</summary>
    /// <param name="message">Must be sayable: finite numbers, whole seconds, readable events.</param>
    /// <param name="wrapped">In <c>oadrPayload/oadrSignedObject</c>, as most VTNs want it; otherwise bare.</param>
    /// <exception cref="ArgumentException">There is no text for something in the message.</exception>
    public static byte[] Write(OadrMessage message, bool wrapped = true)
    {
        ArgumentNullException.ThrowIfNull(message);
        var payload = ToPayload(message);
        var root = wrapped ? new XElement(Oadr + "oadrPayload", new XElement(Oadr + "oadrSignedObject", payload)) : payload;
        DeclarePrefixes(root);
        using var stream = new MemoryStream(1024);
        using (var writer = XmlWriter.Create(stream, Utf8))
        {
            root.Save(writer);
        }

        return stream.ToArray();
    }

    /// <summary>The payload's element, without declarations of prefixes.</summary>
    internal static XElement ToPayload(OadrMessage message)
    {
        var payload = ToXml(message);
        payload.SetAttributeValue(Ei + "schemaVersion", "2.0b"); // OpenADR 2.0b rule 509
        return payload;
    }

    private static XElement ToXml(OadrMessage message) => message switch
    {
        OadrQueryRegistration m => RegistrationXml.Write(m),
        OadrCreatePartyRegistration m => RegistrationXml.Write(m),
        OadrCreatedPartyRegistration m => RegistrationXml.Write(m),
        OadrCancelPartyRegistration m => RegistrationXml.Write(m),
        OadrCanceledPartyRegistration m => RegistrationXml.Write(m),
        OadrRequestReregistration m => RegistrationXml.Write(m),
        OadrPoll m => RegistrationXml.Write(m),
        OadrResponse m => RegistrationXml.Write(m),
        OadrRequestEvent m => EventXml.Write(m),
        OadrDistributeEvent m => EventXml.Write(m),
        OadrCreatedEvent m => EventXml.Write(m),
        OadrRegisterReport m => ReportXml.Write(m),
        OadrRegisteredReport m => ReportXml.Write(m),
        OadrCreateReport m => ReportXml.Write(m),
        OadrCreatedReport m => ReportXml.Write(m),
        OadrUpdateReport m => ReportXml.Write(m),
        OadrUpdatedReport m => ReportXml.Write(m),
        OadrCancelReport m => ReportXml.Write(m),
        OadrCanceledReport m => ReportXml.Write(m),
        OadrCreateOpt m => OptXml.Write(m),
        OadrCreatedOpt m => OptXml.Write(m),
        OadrCancelOpt m => OptXml.Write(m),
        OadrCanceledOpt m => OptXml.Write(m),
        _ => throw new ArgumentException($"{message.GetType().Name} is not a payload of OpenADR 2.0b", nameof(message)),
    };

    private static void DeclarePrefixes(XElement root)
    {
        var used = root.DescendantsAndSelf().SelectMany(e => e.Attributes().Select(a => a.Name.Namespace).Prepend(e.Name.Namespace)).ToHashSet();
        root.Add(Prefixes.Where(p => used.Contains(p.Namespace)).Select(p => new XAttribute(XNamespace.Xmlns + p.Prefix, p.Namespace.NamespaceName)));
    }

    private static bool IsSignature(ReceivedElement element) => element.Name is "Signature" && string.Equals(element.Namespace, Dsig.Namespace, StringComparison.Ordinal);

    // Anywhere: one that is not where it belongs is an attempt at something, and refused as such.
    private static bool HasSignature(ReceivedElement element) => IsSignature(element) || element.Children.Any(HasSignature);

    /// <summary>The payload element, bare or wrapped.</summary>
    private static ReceivedElement Payload(ReceivedElement root)
    {
        if (string.Equals(root.Namespace, Oadr20a, StringComparison.Ordinal))
        {
            throw root.Refuse(ErrorClass.SchemaInvalid, $"{SafeText.Quote(root.Name)} is an OpenADR 2.0a payload; only 2.0b is spoken here");
        }

        return root.Is(Oadr + "oadrPayload") ? Signed(root.Child(Oadr + "oadrSignedObject")) : Known(root);
    }

    private static ReceivedElement Signed(ReceivedElement signedObject) => signedObject.Children.Count switch
    {
        1 => Known(signedObject.Children[0]),
        0 => throw signedObject.Refuse(ErrorClass.SchemaInvalid, "there is no payload in it"),
        _ => throw signedObject.Refuse(ErrorClass.SchemaInvalid, "there is more than one payload in it; send them one by one"),
    };

    private static ReceivedElement Known(ReceivedElement payload) =>
        string.Equals(payload.Namespace, Oadr.NamespaceName, StringComparison.Ordinal) && Readers.ContainsKey(payload.Name)
            ? payload
            : throw payload.Refuse(
                ErrorClass.SchemaInvalid, $"{SafeText.Quote(payload.Name)} in namespace {SafeText.Quote(payload.Namespace)} is not a payload of OpenADR 2.0b");

    private static void CheckSchemaVersion(ReceivedElement payload)
    {
        var version = payload.Attributes.FirstOrDefault(
            a => a.Name is "schemaVersion" && string.Equals(a.Namespace, Ei.NamespaceName, StringComparison.Ordinal))?.Value.Trim();
        if (version is not (null or "" or "2.0a" or "2.0b" or ['x', '-', ..]))
        {
            throw payload.Refuse(ErrorClass.SchemaInvalid, $"schemaVersion {SafeText.Quote(version)} is not 2.0b");
        }
    }

    private static string? FindRequestId(ReceivedElement? payload)
    {
        try
        {
            return payload?.IdOrNull(Pyld + "requestID");
        }
        catch (WireFormatException)
        {
            return null;
        }
    }
}
