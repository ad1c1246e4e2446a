using System.Text;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Measurement;

namespace GridServices.FrequencyResponse.Tests.Measurement;

public sealed class SampleLineTests
{
    [Fact]
    public void ALineIsRead()
    {
        var line = Read("""{"ts":"2027-01-15T18:00:00.1Z","hz":49.98,"src":"pmu-1","voltage":0.98,"rocof":-0.2}""", out var fault);
        Assert.Null(fault);
        Assert.Equal(new SampleLine("pmu-1", 49.98, -0.2, 0.98, 1_800_036_000_100_000_000), line);
    }

    [Theory]
    [InlineData("""{"ts":"2027-01-15T18:00:00Z","hz":NaN,"src":"a"}""", ErrorClass.Malformed)]
    [InlineData("""{"ts":"2027-01-15T18:0""", ErrorClass.Malformed)]
    [InlineData("", ErrorClass.Malformed)]
    [InlineData("49.9", ErrorClass.SchemaInvalid)]
    [InlineData("""{"ts":"2027-01-15T18:00:00Z","hz":null,"src":"a"}""", ErrorClass.SchemaInvalid)]
    [InlineData("""{"ts":"2027-01-15T18:00:00Z","hz":"50.01","src":"a"}""", ErrorClass.SchemaInvalid)]
    [InlineData("""{"ts":"2027-01-15T18:00:00Z","src":"a"}""", ErrorClass.SchemaInvalid)]
    [InlineData("""{"ts":"2027-01-15T18:00:00Z","hz":50,"hz":49,"src":"a"}""", ErrorClass.SchemaInvalid)]
    [InlineData("""{"ts":"2027-01-15T18:00:00Z","hz":1e999,"src":"a"}""", ErrorClass.SchemaInvalid)]
    [InlineData("""{"ts":"2027-01-15T18:00:00Z","hz":50,"src":"a","more":[1]}""", ErrorClass.SchemaInvalid)]
    [InlineData("""{"ts":"yesterday","hz":50,"src":"a"}""", ErrorClass.SchemaInvalid)]
    [InlineData("""{"ts":"2027-01-15T18:00:00Z","hz":50}""", ErrorClass.SchemaInvalid)]
    [InlineData("""{"hz":50,"src":"a"} {"hz":50,"src":"a"}""", ErrorClass.Malformed)]
    public void WhatIsNoSampleIsRefused(string text, ErrorClass expected)
    {
        Assert.Null(Read(text, out var fault));
        Assert.Equal(expected, fault);
    }

    [Fact]
    public void AnOverLongLineIsRefusedUnread()
    {
        Assert.Null(Read($$"""{"hz":50,"src":"a","x":"{{new string('x', 2000)}}"}""", out var fault));
        Assert.Equal(ErrorClass.Malformed, fault);
    }

    [Fact]
    public void AMisspeltMemberIsNamedWithTheNearest()
    {
        Assert.Null(SampleLine.Read("""{"hz":50,"src":"a","voltge":1}"""u8.ToArray(), out var fault));
        Assert.Equal(("/voltge", true), (fault!.Pointer, fault.Detail.Contains("did you mean voltage?", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("""{"hz":50,"src":"a","voltage":null}""", ErrorClass.SchemaInvalid)]
    [InlineData("""{"hz":50,"src":"a","rocof":1,"rocof":2}""", ErrorClass.SchemaInvalid)]
    [InlineData("{\"hz\":50,\"src\":\"\\ud800\"}", ErrorClass.Malformed)]
    [InlineData("""{"hz":50,"src":"a","x":[[1]]}""", ErrorClass.Malformed)]
    public void WhatTheLineDoesNotSayIsNotGuessed(string text, ErrorClass expected)
    {
        Assert.Null(Read(text, out var fault));
        Assert.Equal(expected, fault);
    }

    private static SampleLine? Read(string text, out ErrorClass? fault)
    {
        var line = SampleLine.Read(Encoding.UTF8.GetBytes(text), out var refusal);
        fault = refusal?.Class;
        return line;
    }
}
