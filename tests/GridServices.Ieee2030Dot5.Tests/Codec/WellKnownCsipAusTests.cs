using System.Text;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Codec;

namespace GridServices.Ieee2030Dot5.Tests.Codec;

/// <summary>SDVN-01: the version is negotiated before anything else.</summary>
public sealed class WellKnownCsipAusTests
{
    [Fact]
    public void The_own_version_is_picked_and_the_rest_passed_over()
    {
        var (value, refusal) = Read("""
            {"supportedSchemaVersions":{
              "https://csipaus.org/ns/v99.99":{"dcap":["/new"]},
              "null":{"dcap":["/null"]},
              "https://csipaus.org/ns/v1.1":null,
              "https://csipaus.org/ns/v1.2":{"dcap":[]},
              "https://csipaus.org/ns/v1.3":{"dcap":[null,"","/right","/other"],"more":1}}}
            """);
        Assert.Null(refusal);
        Assert.Equal("/right", value!.FindDeviceCapability(Sep2Dialect.CsipAus13));
        Assert.Null(value.FindDeviceCapability(Sep2Dialect.CsipAus12));
        Assert.Null(value.FindDeviceCapability(Sep2Dialect.Ieee2018));
    }

    [Theory]
    [InlineData("", ErrorClass.Malformed)]
    [InlineData("<html/>", ErrorClass.Malformed)]
    [InlineData("[]", ErrorClass.SchemaInvalid)]
    [InlineData("{}", ErrorClass.SchemaInvalid)]
    [InlineData("""{"supportedSchemaVersions":[]}""", ErrorClass.SchemaInvalid)]
    [InlineData("""{"a":[[[[[[[[[[]]]]]]]]]]}""", ErrorClass.Malformed)]
    public void What_is_no_such_document_is_refused(string json, ErrorClass expected) => Assert.Equal(expected, Read(json).Refusal?.Class);

    [Fact]
    public void A_huge_document_is_refused_by_its_size() =>
        Assert.Equal(ErrorClass.LimitSize, WellKnownCsipAus.Read(new byte[100_000]).Refusal?.Class);

    private static (WellKnownCsipAus? Value, Wire.ReadError? Refusal) Read(string json) => WellKnownCsipAus.Read(Encoding.UTF8.GetBytes(json));
}
