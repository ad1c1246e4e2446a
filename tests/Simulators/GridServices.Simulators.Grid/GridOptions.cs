using System.Globalization;
using System.Net;

namespace GridServices.Simulators.Grid;

/// <summary>What the person said on the command line.</summary>
public sealed record GridOptions
{
    public const string Usage = """
        A simulated grid: a meter that sends its frequency, and a battery and chargers that follow set-points.

          --http ADDRESS:PORT         state and control (default 127.0.0.1:5185; port 0 = any)
          --samples ADDRESS:PORT      where UDP sample frames go (default 127.0.0.1:5145; give it several times for several)
          --modbus ADDRESS:PORT       the meter's Modbus TCP server (default 127.0.0.1:5186)
          --setpoints ADDRESS:PORT    where UDP set-point frames are received (default 127.0.0.1:5187)
          --c37 ADDRESS:PORT          its C37.118.2 server over TCP (default: none)
          --event NAME                calm, step, ramp, sine, dip, rise, gb-2019, ce-split-nw, ce-split-se, loss, frozen, collapse
          --script demo               calm grid with an event about every 90 s, for ever (default)
          --play FILE                 a recording instead: csv or csv.gz with a column f_hz or freq…
          --step SECONDS              time between the rows of a recording that does not tell it (default 1)
          --speed FACTOR              times real time (default 1)
          --period SECONDS            between two samples (default 0.05)
          --delay SECONDS             of the meter (default 0.1)
          --number N                  the source number in the frames (default 1)
          --bess-kw N                 power of the battery (default 50)
          --chargers N                number of chargers (default 10)
          --nominal HZ                50 or 60 (default 50)
          --quiet                     print nothing
          plots --out DIR             draw the plots of docs/frequency.md from closed-loop runs instead
        """;

    public IPEndPoint Http { get; init; } = new(IPAddress.Loopback, 5185);
    public IReadOnlyList<IPEndPoint> Samples { get; init; } = [];
    public IPEndPoint Modbus { get; init; } = new(IPAddress.Loopback, 5186);
    public IPEndPoint Setpoints { get; init; } = new(IPAddress.Loopback, 5187);
    public IPEndPoint? C37 { get; init; }
    public string Event { get; init; } = "demo";
    public string? Play { get; init; }
    public double StepSeconds { get; init; } = 1;
    public double Speed { get; init; } = 1;
    public double PeriodSeconds { get; init; } = 0.05;
    public double DelaySeconds { get; init; } = 0.1;
    public ushort Number { get; init; } = 1;
    public double BessKw { get; init; } = 50;
    public int Chargers { get; init; } = 10;
    public double NominalHz { get; init; } = 50;
    public bool Quiet { get; init; }

    /// <exception cref="SimException">An option is unknown, lacks its value or has a bad one.</exception>
    public static GridOptions Parse(IReadOnlyList<string> args)
    {
        var options = new GridOptions();
        for (var i = 0; i < args.Count; i++)
        {
            var value = i + 1 < args.Count ? args[i + 1] : null;
            options = options.With(args[i], value);
            i += string.Equals(args[i], "--quiet", StringComparison.Ordinal) ? 0 : 1;
        }

        return options.Samples.Count > 0 ? options : options with { Samples = [new IPEndPoint(IPAddress.Loopback, 5145)] };
    }

    private GridOptions With(string name, string? value) => name switch
    {
        "--quiet" => this with { Quiet = true },
        _ when value is null => throw new SimException($"{name} is unknown or lacks its value."),
        "--http" => this with { Http = EndPoint(name, value) },
        "--samples" => this with { Samples = [.. Samples, EndPoint(name, value)] },
        "--modbus" => this with { Modbus = EndPoint(name, value) },
        "--setpoints" => this with { Setpoints = EndPoint(name, value) },
        "--c37" => this with { C37 = EndPoint(name, value) },
        "--event" => this with { Event = value },
        "--script" => string.Equals(value, "demo", StringComparison.Ordinal) ? this with { Event = "demo" } : throw new SimException("--script is demo."),
        "--play" => this with { Play = value },
        "--step" => this with { StepSeconds = Figure(name, value, 0.001, 3600) },
        "--speed" => this with { Speed = Figure(name, value, 0.01, 1000) },
        "--period" => this with { PeriodSeconds = Figure(name, value, 0.01, 10) },
        "--delay" => this with { DelaySeconds = Figure(name, value, 0, 10) },
        "--number" => this with { Number = (ushort)Figure(name, value, 0, ushort.MaxValue) },
        "--bess-kw" => this with { BessKw = Figure(name, value, 1, 1e6) },
        "--chargers" => this with { Chargers = (int)Figure(name, value, 0, 10_000) },
        "--nominal" => value is "50" or "60" ? this with { NominalHz = Figure(name, value, 50, 60) } : throw new SimException("--nominal is 50 or 60."),
        _ => throw new SimException($"{name} is unknown."),
    };

    private static double Figure(string name, string value, double least, double most) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new SimException($"{name} {value}: a number from {least} to {most}.");

    private static IPEndPoint EndPoint(string name, string value) =>
        IPEndPoint.TryParse(value, out var end) ? end : throw new SimException($"{name} {value}: write it as 127.0.0.1:5186.");
}
