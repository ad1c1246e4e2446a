using System.Globalization;
using System.Net;
using GridServices.Contracts;

namespace GridServices.Simulators.SiteController;

/// <summary>What the person said on the command line.</summary>
public sealed record ControllerOptions
{
    public const string Usage = """
        A simulated site that follows the hub: obeys limits, acknowledges, sends telemetry, falls safe.

          --hub URL                  the EnvelopeHub (default http://127.0.0.1:5100)
          --token T                  bearer token of role controller; or environment GRIDSERVICES_TOKEN
          --site ID                  default site-1
          --load-w 80000             what the site would draw without limits, W (default 80000)
          --base-w N                 the part of it that can't be curtailed (default: a fifth)
          --init-import-w N          import limit before the first contact ever (default: none)
          --state FILE               keeps the last-known set, so that a restart without the hub holds
          --status 127.0.0.1:PORT    answers GET / with the site's state as JSON
          --telemetry-s 2            seconds between readings, 1 to 60
          --quiet                    print nothing
        """;

    public Uri Hub { get; init; } = new("http://127.0.0.1:5100");
    public string Token { get; init; } = "";
    public string SiteId { get; init; } = "site-1";
    public long LoadW { get; init; } = 80_000;
    public long? BaseW { get; init; }
    public long? InitImportW { get; init; }
    public string? StateFile { get; init; }
    public IPEndPoint? Status { get; init; }
    public int TelemetrySeconds { get; init; } = 2;
    public bool Quiet { get; init; }

    public Limits? InitLimits => InitImportW is { } w ? new Limits { ImportLimitW = w } : null;

    /// <summary>Without the token: options end up in logs.</summary>
    public override string ToString() => $"{SiteId} at {Hub}";

    /// <exception cref="FormatException">An option is unknown or its value senseless; the message says which.</exception>
    public static ControllerOptions Parse(IReadOnlyList<string> args)
    {
        var options = new ControllerOptions { Token = Environment.GetEnvironmentVariable("GRIDSERVICES_TOKEN") ?? "" };
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] is "--quiet")
            {
                options = options with { Quiet = true };
                continue;
            }

            options = options.With(args[i], i + 1 < args.Count ? args[i + 1] : throw new FormatException($"{args[i]} is unknown or lacks its value."));
            i++;
        }

        return options.Token.Length > 0 ? options : throw new FormatException("No token: give --token T or set GRIDSERVICES_TOKEN.");
    }

    private ControllerOptions With(string name, string value) => name switch
    {
        "--hub" => this with { Hub = Uri.TryCreate(value, UriKind.Absolute, out var hub) ? hub : throw new FormatException($"--hub {value} is no URL.") },
        "--token" => this with { Token = value },
        "--site" => this with { SiteId = value },
        "--load-w" => this with { LoadW = Watts(name, value) },
        "--base-w" => this with { BaseW = Watts(name, value) },
        "--init-import-w" => this with { InitImportW = Watts(name, value) },
        "--state" => this with { StateFile = value },
        "--status" => this with { Status = IPEndPoint.TryParse(value, out var end) ? end : throw new FormatException($"--status {value}: write it as 127.0.0.1:5181.") },
        "--telemetry-s" => this with { TelemetrySeconds = (int)Math.Clamp(Watts(name, value), 1, 60) },
        _ => throw new FormatException($"{name} is unknown."),
    };

    private static long Watts(string name, string value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException($"{name} {value} is no whole number.");
}
