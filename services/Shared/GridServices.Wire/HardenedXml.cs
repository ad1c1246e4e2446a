using System.Text;
using System.Xml;
using GridServices.Contracts;

namespace GridServices.Wire;

/// <summary>
/// Reads XML that a stranger sent, in one pass of a streaming reader: no DTD, no resolver, every bound checked before anything is built.
/// </summary>
public static class HardenedXml
{
    private const string XmlnsNamespace = "http://www.w3.org/2000/xmlns/";

    /// <summary>Reads a document.</summary>
    /// <exception cref="WireFormatException">MALFORMED, DTD_FORBIDDEN, LIMIT_SIZE, LIMIT_DEPTH or LIMIT_COUNT.</exception>
    public static ReceivedElement Load(ReadOnlyMemory<byte> xml, XmlLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        using var stream = new BoundedStream(xml, limits.MaxBytes);
        try
        {
            using var reader = XmlReader.Create(stream, Settings(limits));
            return Load(reader, limits);
        }
        catch (XmlException e)
        {
            throw new WireFormatException(HasDoctype(xml.Span)
                ? new ReadError(ErrorClass.DtdForbidden, "/", "a document type declaration is not accepted; leave DOCTYPE out")
                : new ReadError(ErrorClass.Malformed, "/", $"not well-formed XML at line {e.LineNumber}, column {e.LinePosition}: {SafeText.Quote(e.Message, 160)}"));
        }
        catch (Exception e) when (e is ArgumentException or DecoderFallbackException or NotSupportedException)
        {
            throw new WireFormatException(ErrorClass.Malformed, "/", "the encoding is not supported; send UTF-8");
        }
    }

    /// <summary>Reads from a reader that is set up already, e.g. one over the very nodes whose signature was verified.</summary>
    public static ReceivedElement Load(XmlReader reader, XmlLimits limits)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(limits);
        return new Builder(reader, limits).Build();
    }

    private static XmlReaderSettings Settings(XmlLimits limits) => new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = limits.MaxBytes,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        CheckCharacters = true,
    };

    /// <summary>Names the reason only: the reader has refused already.</summary>
    private static bool HasDoctype(ReadOnlySpan<byte> xml)
    {
        Span<byte> ascii = stackalloc byte[1024];
        var count = 0;
        for (var i = 0; i < xml.Length && count < ascii.Length; i++)
        {
            if (xml[i] != 0)
            {
                ascii[count++] = xml[i];
            }
        }

        var prolog = ascii[..count];
        var at = prolog.IndexOf("<!DOCTYPE"u8);
        return at >= 0 && prolog[..at].Count((byte)'<') == prolog[..at].Count("<?"u8) + prolog[..at].Count("<!--"u8);
    }

    private sealed class Builder(XmlReader reader, XmlLimits limits)
    {
        private readonly StringBuilder text = new();
        private ReceivedElement? root;
        private ReceivedElement? current;
        private string? lastName;
        private int repeats;
        private int elements;

        public ReceivedElement Build()
        {
            var runs = new Stack<(string? Name, int Repeats)>();
            while (reader.Read())
            {
                switch (reader.NodeType)
                {
                    case XmlNodeType.Element:
                        Open(runs);
                        break;
                    case XmlNodeType.EndElement:
                        Close(runs);
                        break;
                    case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace:
                        Append(reader.Value);
                        break;
                    case XmlNodeType.EntityReference:
                        throw new WireFormatException(ErrorClass.DtdForbidden, current?.Path ?? "/", "entities are not accepted");
                    default:
                        break;
                }
            }

            return root ?? throw new WireFormatException(ErrorClass.Malformed, "/", "there is no element");
        }

        private void Open(Stack<(string? Name, int Repeats)> runs)
        {
            CheckElement();
            Commit();
            var element = new ReceivedElement(reader.NamespaceURI, reader.LocalName, current);
            current?.Add(element);
            root ??= element;
            var empty = reader.IsEmptyElement;
            ReadAttributes(element);
            if (!empty)
            {
                text.Clear();
                runs.Push((lastName, repeats));
                (lastName, repeats) = (null, 0);
                current = element;
            }
        }

        private void Close(Stack<(string? Name, int Repeats)> runs)
        {
            (lastName, repeats) = runs.Pop();
            Commit();
            current = current!.Parent;
        }

        private void CheckElement()
        {
            if (reader.Depth >= limits.MaxDepth)
            {
                Refuse(ErrorClass.LimitDepth, $"elements are nested more than {limits.MaxDepth} deep");
            }

            if (reader.Name.Length > limits.MaxNameLength || reader.NamespaceURI.Length > limits.MaxTextLength)
            {
                Refuse(ErrorClass.LimitSize, $"a name is longer than {limits.MaxNameLength} characters");
            }

            if (reader.AttributeCount > limits.MaxAttributes)
            {
                Refuse(ErrorClass.LimitSize, $"an element has more than {limits.MaxAttributes} attributes");
            }

            if (++elements > limits.MaxElements)
            {
                Refuse(ErrorClass.LimitCount, $"more than {limits.MaxElements} elements");
            }

            CountRepeats();
        }

        private void CountRepeats()
        {
            var name = reader.LocalName;
            repeats = string.Equals(name, lastName, StringComparison.Ordinal) ? repeats + 1 : 1;
            lastName = name;
            var bound = limits.MaxOccurs.GetValueOrDefault(name, limits.MaxRepeats);
            if (repeats > bound)
            {
                Refuse(ErrorClass.LimitCount, $"more than {bound} elements {SafeText.Quote(name)}; send them in several messages");
            }
        }

        private void ReadAttributes(ReceivedElement element)
        {
            while (reader.MoveToNextAttribute())
            {
                if (reader.Name.Length > limits.MaxNameLength || reader.Value.Length > limits.MaxTextLength)
                {
                    Refuse(ErrorClass.LimitSize, "an attribute is too long");
                }

                if (!string.Equals(reader.NamespaceURI, XmlnsNamespace, StringComparison.Ordinal))
                {
                    element.Add(new ReceivedAttribute(reader.NamespaceURI, reader.LocalName, reader.Value));
                }
            }
        }

        /// <summary>Text counts up to the first child; behind it only layout stands, in the protocols read here.</summary>
        private void Append(string value)
        {
            if (current!.Children.Count > 0)
            {
                return;
            }

            if (text.Length + value.Length > limits.MaxTextLength)
            {
                Refuse(ErrorClass.LimitSize, $"the text is longer than {limits.MaxTextLength} characters");
            }

            text.Append(value);
        }

        private void Commit()
        {
            if (current is { Children.Count: 0 } && text.Length > 0)
            {
                current.Text = text.ToString();
                text.Clear();
            }
        }

        private void Refuse(ErrorClass error, string detail) =>
            throw new WireFormatException(error, current?.Path ?? "/", detail);
    }
}
