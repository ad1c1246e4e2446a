using System.Net;
using GridServices.Simulators.Vtn.Messages;
using NodaTime;

namespace GridServices.Simulators.Vtn;

/// <summary>What the person said on the command line.</summary>
public sealed record VtnOptions
{
    public const string Usage = """
        A scriptable OpenADR 2.0b VTN. Control: /sim/... on the HTTP port (see README.md).

          --http ADDRESS:PORT        plain HTTP and the control API (default 127.0.0.1:5180; port 0 = any)
          --https ADDRESS:PORT       HTTPS with a client certificate; needs --cert, --key and --ca
          --cert FILE --key FILE     the VTN's certificate and key, PEM
          --ca FILE                  the certification authority that VENs must come from, PEM
          --tls strict|modern        strict: TLS 1.2 with the two suites of OpenADR 2.0b only (default modern)
          --sign                     sign every message with --cert and --key, and refuse a VEN's message that is not signed well
          --ven-id ID                venID given to the first VEN that names none (default: made of its venName)
          --vtn-id ID                default VTN-SIM
          --poll-freq PT10S          oadrRequestedOadrPollFreq
          --request-reports PT1M     ask each VEN for all the telemetry it offers, at this reporting period
          --script FILE|demo         timed steps, see README.md
          --xsd DIR                  folder of the 2.0b schema; every message of the VEN is judged by it
          --habit NAME               again for each: emptyAcknowledgements, asksReregistration, javaDurations, completedOnce, defaultNamespaces,
                                     twoPrefixes, forgetsAtMetadata, listsNothing, unsigned, oneNonce, brokenKeyInfo (see README.md)
          --quiet                    print nothing
          pki --out DIR              make a test PKI instead
        """;

    public IPEndPoint Http { get; init; } = new(IPAddress.Loopback, 5180);
    public IPEndPoint? Https { get; init; }
    public string? CertFile { get; init; }
    public string? KeyFile { get; init; }
    public string? CaFile { get; init; }
    public bool Signs { get; init; }
    public bool StrictTls { get; init; }
    public string? VenId { get; init; }
    public string VtnId { get; init; } = "VTN-SIM";
    public Duration PollFrequency { get; init; } = Duration.FromSeconds(10);
    public Duration? RequestReports { get; init; }
    public string? Script { get; init; }
    public string? XsdFolder { get; init; }
    public IReadOnlyList<Habit> Habits { get; init; } = [];
    public bool Quiet { get; init; }

    /// <exception cref="SimException">An option is unknown, lacks its value or has a bad one.</exception>
    public static VtnOptions Parse(IReadOnlyList<string> args)
    {
        var options = new VtnOptions();
        for (var i = 0; i < args.Count; i++)
        {
            var value = i + 1 < args.Count ? args[i + 1] : null;
            options = options.With(args[i], value);
            i += args[i] is "--quiet" or "--sign" ? 0 : 1;
        }

        if (options.Signs && options.CertFile is null)
        {
            throw new SimException("--sign needs --cert (and --key, where the key is in a file of its own).");
        }

        return options.Https is null || (options.CertFile is not null && options.KeyFile is not null && options.CaFile is not null)
            ? options
            : throw new SimException("--https needs --cert, --key and --ca (make them with: pki --out DIR).");
    }

    private VtnOptions With(string name, string? value) => name switch
    {
        "--quiet" => this with { Quiet = true },
        "--sign" => this with { Signs = true },
        _ when value is null => throw new SimException($"{name} is unknown or lacks its value."),
        "--http" => this with { Http = EndPoint(name, value) },
        "--https" => this with { Https = EndPoint(name, value) },
        "--cert" => this with { CertFile = value },
        "--key" => this with { KeyFile = value },
        "--ca" => this with { CaFile = value },
        "--tls" => this with { StrictTls = value switch { "strict" => true, "modern" => false, _ => throw new SimException("--tls is strict or modern.") } },
        "--ven-id" => this with { VenId = value },
        "--vtn-id" => this with { VtnId = value },
        "--poll-freq" => this with { PollFrequency = IsoText.ParseDuration(value) },
        "--request-reports" => this with { RequestReports = IsoText.ParseDuration(value) },
        "--script" => this with { Script = value },
        "--habit" => this with { Habits = [.. Habits, Enum.TryParse<Habit>(value, ignoreCase: true, out var habit) ? habit : throw new SimException($"--habit {value} is unknown.")] },
        "--xsd" => this with { XsdFolder = value },
        _ => throw new SimException($"{name} is unknown."),
    };

    private static IPEndPoint EndPoint(string name, string value) =>
        IPEndPoint.TryParse(value, out var end) ? end : throw new SimException($"{name} {value}: write it as 127.0.0.1:5180.");
}
