using System.Diagnostics;
using System.Globalization;
using GridServices.Fuzzing.Decoders;

namespace GridServices.Fuzzing;

/// <summary>The command line: one decoder or all, for a time, from a seed.</summary>
internal static class FuzzCommand
{
    public const string Usage = """
        Usage: tests/fuzz.sh [--decoder NAME] [--seconds N] [--seed S] [--out FOLDER]
               tests/fuzz.sh --decoder NAME --seed S --input I      (one input again)
               tests/fuzz.sh --list

        Changes samples as trees and as bytes and gives them to a decoder, which must read or refuse each, soon and with bounded memory.
        What it does wrong is made small and written to FOLDER (default fuzz-findings). Exit code 1: something was found.
        """;

    private const int MostFindings = 10;

    public static int Run(IReadOnlyList<string> args, TextWriter output)
    {
        if (args is ["--list"])
        {
            output.WriteLine(string.Join('\n', AllDecoders.List.Select(d => d.Name)));
            return 0;
        }

        if (Options.Read(args) is not { } options)
        {
            output.WriteLine(Usage);
            return args is ["-h" or "--help"] ? 0 : 2;
        }

        var decoders = AllDecoders.List.Where(d => options.Decoder is null || d.Name == options.Decoder).ToList();
        if (decoders.Count == 0)
        {
            output.WriteLine($"There is no decoder '{options.Decoder}'; tests/fuzz.sh --list names them.");
            return 2;
        }

        return decoders.Sum(d => Fuzz(d, options, TimeSpan.FromSeconds(options.Seconds) / decoders.Count, output)) == 0 ? 0 : 1;
    }

    private static int Fuzz(Decoder decoder, Options options, TimeSpan span, TextWriter output)
    {
        var (fuzzer, watch, findings, number) = (new Fuzzer(decoder, options.Seed), Stopwatch.StartNew(), 0, options.Input ?? 0);
        do
        {
            if (fuzzer.Try(number) is { } finding)
            {
                findings++;
                Tell(decoder, options, finding, output);
            }

            number++;
        }
        while (options.Input is null && watch.Elapsed < span && findings < MostFindings);

        output.WriteLine(Invariant($"{decoder.Name}: {number - (options.Input ?? 0)} inputs from {fuzzer.Samples} samples, {fuzzer.Taken} read, {fuzzer.Refused} refused, {findings} findings (seed {options.Seed})"));
        return findings;
    }

    private static void Tell(Decoder decoder, Options options, Finding finding, TextWriter output)
    {
        Directory.CreateDirectory(options.Out);
        var path = Path.Combine(options.Out, Invariant($"{decoder.Name}-seed{options.Seed}-input{finding.Number}.bin"));
        File.WriteAllBytes(path, finding.Input);
        output.WriteLine(Invariant($"{decoder.Name}: input {finding.Number}: {finding.Kind}: {finding.Text}"));
        output.WriteLine(Invariant($"  {finding.Input.Length} bytes in {path}; again: tests/fuzz.sh --decoder {decoder.Name} --seed {options.Seed} --input {finding.Number}"));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Options(string? Decoder, int Seconds, ulong Seed, long? Input, string Out)
    {
        public static Options? Read(IReadOnlyList<string> args)
        {
            var options = new Options(null, 60, 1, null, "fuzz-findings");
            for (var i = 0; i + 1 < args.Count; i += 2)
            {
                var value = args[i + 1];
                var next = args[i] switch
                {
                    "--decoder" => options with { Decoder = value },
                    "--seconds" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) => options with { Seconds = seconds },
                    "--seed" when ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) => options with { Seed = seed },
                    "--input" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var input) => options with { Input = input },
                    "--out" => options with { Out = value },
                    _ => null,
                };
                if (next is null)
                {
                    return null;
                }

                options = next;
            }

            return args.Count % 2 == 0 ? options : null;
        }
    }
}
