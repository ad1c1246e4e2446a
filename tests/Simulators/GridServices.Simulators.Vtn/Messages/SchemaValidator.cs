using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;

namespace GridServices.Simulators.Vtn.Messages;

/// <summary>Validates messages against the 2.0b schema set of a folder.</summary>
public sealed class SchemaValidator
{
    private readonly XmlSchemaSet schemas = new();

    /// <exception cref="IOException">The folder or a schema in it can't be read.</exception>
    public SchemaValidator(string folder)
    {
        // Each file is added by hand with its base URI, so that imports find it and nothing is ever fetched.
        schemas.XmlResolver = null;
        foreach (var file in Directory.EnumerateFiles(folder, "*.xsd").Order(StringComparer.Ordinal))
        {
            using var reader = XmlReader.Create(file, new XmlReaderSettings { DtdProcessing = DtdProcessing.Parse, XmlResolver = null });
            schemas.Add(null, reader);
        }

        schemas.Compile();
    }

    /// <summary>What the schema has against the document; empty = valid.</summary>
    public IReadOnlyList<string> Errors(XElement root)
    {
        var errors = new List<string>();
        new XDocument(root).Validate(schemas, (_, e) => errors.Add(e.Message));
        return errors;
    }
}
