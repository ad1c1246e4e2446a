using System.Text;

namespace GridServices.Fuzzing.Tests;

/// <summary>The fuzzer finds what a decoder does wrong, makes it small, and makes the same input again.</summary>
public sealed class FuzzerTests
{
    private static readonly byte[] Document = "{\"a\":{\"b\":[1,2,3],\"c\":\"text\"},\"d\":4}"u8.ToArray();

    [Fact]
    public void One_seed_makes_the_same_inputs_again()
    {
        var (once, again, other) = (CreateFuzzer(_ => true, 5), CreateFuzzer(_ => true, 5), CreateFuzzer(_ => true, 6));
        Assert.All(Enumerable.Range(0, 50), i => Assert.Equal(once.Input(i), again.Input(i)));
        Assert.Contains(Enumerable.Range(0, 50), i => !once.Input(i).AsSpan().SequenceEqual(other.Input(i)));
    }

    [Fact]
    public void An_exception_is_a_finding_and_its_input_is_made_small()
    {
        var fuzzer = CreateFuzzer(bytes => bytes.AsSpan().IndexOf("null"u8) < 0 ? true : throw new InvalidOperationException("null is not expected"), 1);
        var finding = Enumerable.Range(0, 500).Select(i => fuzzer.Try(i)).OfType<Finding>().First();
        Assert.Equal(("InvalidOperationException", "null"), (finding.Kind, Encoding.UTF8.GetString(finding.Input)));
    }

    [Fact]
    public void Memory_out_of_proportion_is_a_finding()
    {
        var fuzzer = CreateFuzzer(bytes => new byte[90 * 1024 * 1024].Length > bytes.Length, 1);
        Assert.Equal("memory", fuzzer.Try(0)?.Kind);
    }

    [Theory]
    [InlineData("Xml", "<a xmlns='urn:x'><b>1</b><c d='2'/></a>")]
    [InlineData("Json", "{\"a\":[1,{\"b\":2}]}")]
    [InlineData("Csv", "a,b\n1,2\n3,4\n")]
    [InlineData("Bytes", "abcdef")]
    public void Inputs_differ_from_the_sample_and_from_one_another(string form, string sample)
    {
        var fuzzer = new Fuzzer(new Decoder("sample", Enum.Parse<InputForm>(form), () => [Encoding.UTF8.GetBytes(sample)], _ => true), 1);
        var inputs = Enumerable.Range(0, 200).Select(i => Convert.ToHexString(fuzzer.Input(i))).Distinct(StringComparer.Ordinal).Count();
        Assert.True(inputs > 100, $"{inputs} different inputs");
    }

    [Theory]
    [InlineData("--decoder", "none")]
    [InlineData("--seconds", "soon")]
    public void What_is_not_understood_ends_with_two(string option, string value)
    {
        using var output = new StringWriter();
        Assert.Equal(2, FuzzCommand.Run([option, value], output));
    }

    private static Fuzzer CreateFuzzer(Func<byte[], bool> read, ulong seed) => new(new Decoder("sample", InputForm.Json, () => [Document], read), seed);
}
