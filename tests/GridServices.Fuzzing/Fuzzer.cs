using System.Diagnostics;
using GridServices.Fuzzing.Mutations;

namespace GridServices.Fuzzing;

/// <summary>An input at which a decoder did not do what it must.</summary>
/// <param name="Number">Of the input; with the seed it makes the same input again.</param>
/// <param name="Kind">The kind of fault: an exception's name, "time", "memory".</param>
/// <param name="Text">What was seen.</param>
/// <param name="Input">The input, made as small as the fault stays.</param>
internal sealed record Finding(long Number, string Kind, string Text, byte[] Input);

/// <summary>Makes inputs of a decoder's samples and gives them to it: it must read or refuse, soon, with bounded memory.</summary>
internal sealed class Fuzzer(Decoder decoder, ulong seed)
{
    private const int MostBytes = 512 * 1024;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);
    private const long MostMemory = 64L * 1024 * 1024;
    private const long MemoryPerByte = 2_000;
    private readonly IReadOnlyList<byte[]> _samples = decoder.Samples();

    /// <summary>Inputs that were read.</summary>
    public long Taken { get; private set; }

    /// <summary>Inputs that were refused.</summary>
    public long Refused { get; private set; }

    public int Samples => _samples.Count;

    /// <summary>The input of a number.</summary>
    public byte[] Input(long number)
    {
        var dice = new RandomSource(seed, number);
        var bytes = dice.Pick(_samples);
        for (var n = dice.Below(3); n >= 0; n--)
        {
            bytes = Mutate(bytes, dice);
        }

        bytes = bytes.Length > MostBytes ? bytes[..MostBytes] : bytes;
        return decoder.Seal is { } seal && !dice.Once(4) ? seal(bytes) : bytes;
    }

    /// <summary>Gives the decoder the input of a number.</summary>
    /// <returns>What it did wrong; null: nothing.</returns>
    public Finding? Try(long number)
    {
        var input = Input(number);
        return Judge(input) is { } fault ? new Finding(number, fault.Kind, fault.Text, Smallest(input, fault.Kind)) : null;
    }

    private byte[] Mutate(byte[] bytes, RandomSource random)
    {
        if (random.Once(4))
        {
            return ByteMutation.Apply(bytes, random);
        }

        var other = random.Pick(_samples);
        return decoder.Form switch
        {
            InputForm.Xml => XmlMutation.Apply(bytes, other, random),
            InputForm.Json => JsonMutation.Apply(bytes, other, random),
            InputForm.Csv => CsvMutation.Apply(bytes, other, random),
            _ => null,
        } ?? ByteMutation.Apply(bytes, random);
    }

    private (string Kind, string Text)? Judge(byte[] input)
    {
        try
        {
            var (before, watch) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.StartNew());
            var taken = decoder.Read(input);
            var (took, used) = (watch.Elapsed, GC.GetAllocatedBytesForCurrentThread() - before);
            (Taken, Refused) = taken ? (Taken + 1, Refused) : (Taken, Refused + 1);
            return took > Longest && IsSlow(input) ? ("time", $"{took.TotalMilliseconds:0} ms for {input.Length} bytes")
                : used > MostMemory + (MemoryPerByte * input.Length) ? ("memory", $"{used / 1024} KiB for {input.Length} bytes")
                : null;
        }
        catch (Exception e)
        {
            return (e.GetType().Name, e.ToString());
        }
    }

    // Not only because the machine was busy.
    private bool IsSlow(byte[] input)
    {
        for (var again = 0; again < 3; again++)
        {
            var watch = Stopwatch.StartNew();
            decoder.Read(input);
            if (watch.Elapsed <= Longest)
            {
                return false;
            }
        }

        return true;
    }

    // Leaves out pieces, halves first, as long as the same kind of fault stays.
    private byte[] Smallest(byte[] input, string kind)
    {
        var watch = Stopwatch.StartNew();
        for (var piece = input.Length / 2; piece > 0 && watch.Elapsed < TimeSpan.FromSeconds(5); piece /= 2)
        {
            for (var at = 0; at + piece <= input.Length && watch.Elapsed < TimeSpan.FromSeconds(5);)
            {
                byte[] shorter = [.. input[..at], .. input[(at + piece)..]];
                if (Judge(shorter)?.Kind == kind)
                {
                    input = shorter;
                }
                else
                {
                    at += piece;
                }
            }
        }

        return input;
    }
}
