using System.Xml;
using System.Xml.Schema;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Tests.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Codec;

/// <summary>
/// What is written, against the schema itself. IEEE's copyright keeps the schema out of this repository: <c>GRIDSERVICES_SEP_XSD</c> names a folder with
/// <c>sep.xsd</c>, and beside it <c>csipaus-core.xsd</c> and <c>csipaus-ext.xsd</c> of version 1.3 where CSIP-AUS shall be checked too. Who has it
/// builds with the variable set; nobody else can run this, so it is no part of their suite.
/// </summary>
public sealed class SchemaTests
{
    private const string Variable = "GRIDSERVICES_SEP_XSD";

    [Fact]
    public void What_is_written_is_valid_by_the_schema()
    {
        var folder = Environment.GetEnvironmentVariable(Variable);
        Assert.False(string.IsNullOrEmpty(folder), $"{Variable} does not name a folder with sep.xsd");
        var core = Path.Combine(folder, "csipaus-core.xsd");
        var (start, dialect) = File.Exists(core) ? (core, Sep2Dialect.CsipAus13) : (Path.Combine(folder, "sep.xsd"), Sep2Dialect.Ieee2018);
        var schemas = new XmlSchemaSet { XmlResolver = new XmlUrlResolver() };
        schemas.Add(null, start);
        schemas.Compile();

        var written = Specimens.All.Where(s => dialect is not Sep2Dialect.Ieee2018 || s is not ConnectionPoint).Select(s => (s.GetType().Name, Sep2Xml.Write(s, dialect)));
        Assert.Empty(written.SelectMany(w => Faults(w.Item2, schemas).Select(f => $"{w.Name}: {f}")));
    }

    private static List<string> Faults(byte[] xml, XmlSchemaSet schemas)
    {
        var faults = new List<string>();
        var settings = new XmlReaderSettings { ValidationType = ValidationType.Schema, Schemas = schemas };
        settings.ValidationEventHandler += (_, e) => faults.Add(e.Message);
        using var reader = XmlReader.Create(new MemoryStream(xml), settings);
        while (reader.Read())
        {
        }

        return faults;
    }
}
