using GridServices.Fuzzing.Decoders;

namespace GridServices.Fuzzing.Tests;

/// <summary>Each decoder reads or refuses what is made of its samples, from a fixed seed.</summary>
public sealed class DecoderTests
{
    private const int Inputs = 60;

    public static TheoryData<string> Names() => new(AllDecoders.List.Select(d => d.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_input_is_read_or_refused_soon(string name)
    {
        var fuzzer = new Fuzzer(AllDecoders.Named(name), seed: 1);
        Assert.True(fuzzer.Samples > 0, $"{name} has no samples");
        for (var number = 0L; number < Inputs; number++)
        {
            var finding = fuzzer.Try(number);
            Assert.True(finding is null, $"{name}: {finding?.Text}; again: tests/fuzz.sh --decoder {name} --seed 1 --input {number}");
        }

        // What is always refused at the door tests nothing behind it.
        Assert.True(fuzzer.Refused > 0, $"{name}: {fuzzer.Taken} read, {fuzzer.Refused} refused");
    }
}
