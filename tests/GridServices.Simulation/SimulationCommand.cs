using System.Diagnostics;
using System.Globalization;
using GridServices.Simulation.Kernel;

namespace GridServices.Simulation;

/// <summary>The command line: many seeds, or one with its trace.</summary>
internal static class SimulationCommand
{
    public const string Usage = """
        Usage: tests/simulate.sh [--seeds N] [--from N] [--storms N] [--variant NAME]
               tests/simulate.sh --seed S [--trace] [--storms N] [--variant NAME]

        Runs the publishers' engines, the outbox, the hub and a site's controller on simulated time, network and stores, under faults drawn from a seed.
        A seed that finds something is printed with the command that replays it. Exit code 1: something was found.
        """;

    public static int Run(IReadOnlyList<string> args, TextWriter output)
    {
        var options = Options.Read(args, out var fault);
        if (options is null)
        {
            output.WriteLine(fault is null ? Usage : $"{fault}\n{Usage}");
            return fault is null ? 0 : 2;
        }

        return options.Seed is { } seed ? One(seed, options, output) : Many(options, output);
    }

    private static int One(ulong seed, Options options, TextWriter output)
    {
        var run = SimulationRun.Execute(seed, options.Variant, options.Storms, options.Traced);
        foreach (var line in run.Trace)
        {
            output.WriteLine(line);
        }

        output.WriteLine(run.Found is null ? Invariant($"Seed {seed}: all properties held for {run.Simulated.TotalMinutes:0} minutes, {run.Entries} publications stored.") : $"Seed {seed}: {run.Found}");
        return run.Found is null ? 0 : 1;
    }

    private static int Many(Options options, TextWriter output)
    {
        var (found, minutes, entries, watch) = (0, 0.0, 0L, Stopwatch.StartNew());
        for (var i = 0UL; i < options.Seeds; i++)
        {
            var run = SimulationRun.Execute(options.From + i, options.Variant, options.Storms);
            (minutes, entries) = (minutes + run.Simulated.TotalMinutes, entries + run.Entries);
            if (run.Found is not null)
            {
                found++;
                output.WriteLine($"Seed {run.Seed}: {run.Found}");
                output.WriteLine(Invariant($"  replay: tests/simulate.sh --seed {run.Seed} --trace --storms {options.Storms}{(options.Variant == Variant.Sound ? string.Empty : $" --variant {options.Variant}")}"));
            }

            if ((i + 1) % 1000 == 0)
            {
                output.WriteLine(Invariant($"{i + 1} seeds, {found} with findings, {watch.Elapsed.TotalSeconds:0} s"));
            }
        }

        output.WriteLine(Invariant($"{options.Seeds} seeds from {options.From}: {found} with findings; {minutes / 60:0} hours simulated, {entries} publications stored, in {watch.Elapsed.TotalSeconds:0.0} s."));
        return found == 0 ? 0 : 1;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Options(ulong? Seed, bool Traced, ulong Seeds, ulong From, Variant Variant, int Storms)
    {
        public static Options? Read(IReadOnlyList<string> args, out string? fault)
        {
            var options = new Options(null, false, 200, 1, Variant.Sound, 1);
            for (var i = 0; i < args.Count; i++)
            {
                var value = i + 1 < args.Count ? args[i + 1] : null;
                var next = args[i] switch
                {
                    "--trace" => options with { Traced = true },
                    "--seed" when Number(value) is { } seed => options with { Seed = seed },
                    "--seeds" when Number(value) is { } seeds => options with { Seeds = seeds },
                    "--from" when Number(value) is { } from => options with { From = from },
                    "--storms" when Number(value) is > 0 and < 1000 and var storms => options with { Storms = (int)storms },
                    "--variant" when Enum.TryParse<Variant>(value, ignoreCase: true, out var variant) => options with { Variant = variant },
                    _ => null,
                };
                if (next is null)
                {
                    fault = args[i] is "-h" or "--help" ? null : $"'{string.Join(' ', args.Skip(i).Take(2))}' is not understood.";
                    return null;
                }

                (options, i) = (next, args[i] == "--trace" ? i : i + 1);
            }

            fault = null;
            return options;
        }

        private static ulong? Number(string? text) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
