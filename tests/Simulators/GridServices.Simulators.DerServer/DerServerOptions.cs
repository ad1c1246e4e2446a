using System.Globalization;
using System.Net;

namespace GridServices.Simulators.DerServer;

/// <summary>What the utility speaks.</summary>
public enum SimDialect
{
    Ieee2018,
    CsipAus12,
    CsipAus13,
}

/// <summary>What the person said on the command line.</summary>
public sealed record DerServerOptions
{
    public const string Usage = """
        A scriptable IEEE 2030.5 utility server with CSIP-AUS. Control: /sim/... on the HTTP port (see README.md).

          --http ADDRESS:PORT        plain HTTP and the control API (default 127.0.0.1:5182; port 0 = any)
          --https ADDRESS:PORT       mutual TLS 1.2; needs --cert, --key and --ca
          --cert FILE --key FILE     the server's certificate, followed by its intermediates, and its key, PEM
          --ca FILE                  the roots that clients must come from, PEM
          --tls ccm8|modern          ccm8: ECDHE-ECDSA-AES128-CCM-8 alone (default)
          --dialect 2018|1.2|1.3     plain IEEE 2030.5-2018, or CSIP-AUS 1.2 or 1.3 (default 1.2)
          --poll-rate SECONDS        all poll and post rates (default 60)
          --device LFDI              registers a device out of band; may stand several times
          --pin DIGITS               five digits: devices get a RegistrationLink with this PIN
          --aggregator LFDI          the client with this LFDI sees all --device ones
          --typed-notifications      notifications say their Content-Type; without it they come as some servers send them, without one
          --etags                    answers name their version (ETag), and 304 says that the client has it
          --no-in-band               devices can't register themselves
          --script demo              a dynamic operating envelope that changes for ever
          --procedure FILE|NAME      a CSIP-AUS client test procedure (our JSON or the published YAML), or one of ours by name, e.g. CORE-022; the exit code is its verdict
          --max-import W --max-export W   what a procedure takes for the site's nameplate (default 10000)
          --quiet                    print nothing
          pki --out DIR              make a test PKI instead
        """;

    public IPEndPoint Http { get; init; } = new(IPAddress.Loopback, 5182);
    public IPEndPoint? Https { get; init; }
    public string? CertFile { get; init; }
    public string? KeyFile { get; init; }
    public string? CaFile { get; init; }
    public bool ModernTls { get; init; }
    public SimDialect Dialect { get; init; } = SimDialect.CsipAus12;
    public int PollRate { get; init; } = 60;
    public IReadOnlyList<string> Devices { get; init; } = [];
    public int? Pin { get; init; }
    public string? Aggregator { get; init; }
    public bool AllowsInBand { get; init; } = true;
    public bool TypedNotifications { get; init; }
    public bool HasETags { get; init; }
    public string? Script { get; init; }
    public string? Procedure { get; init; }
    public decimal MaxImportW { get; init; } = 10_000;
    public decimal MaxExportW { get; init; } = 10_000;
    public bool Quiet { get; init; }

    public bool IsCsipAus13 => Dialect is SimDialect.CsipAus13;

    public string? ExtensionNamespace => Dialect switch
    {
        SimDialect.CsipAus12 => "https://csipaus.org/ns",
        SimDialect.CsipAus13 => "https://csipaus.org/ns/v1.3",
        _ => null,
    };

    /// <exception cref="SimException">An option is unknown, lacks its value or has a bad one.</exception>
    public static DerServerOptions Parse(IReadOnlyList<string> args)
    {
        var options = new DerServerOptions();
        for (var i = 0; i < args.Count; i++)
        {
            var isAlone = args[i] is "--quiet" or "--etags" or "--no-in-band" or "--typed-notifications";
            options = options.With(args[i], isAlone ? string.Empty : i + 1 < args.Count ? args[i + 1] : throw new SimException($"{args[i]} lacks its value."));
            i += isAlone ? 0 : 1;
        }

        return options.Https is null || (options.CertFile is not null && options.KeyFile is not null && options.CaFile is not null)
            ? options
            : throw new SimException("--https needs --cert, --key and --ca (make them with: pki --out DIR).");
    }

    private DerServerOptions With(string name, string value) => name switch
    {
        "--quiet" => this with { Quiet = true },
        "--typed-notifications" => this with { TypedNotifications = true },
        "--etags" => this with { HasETags = true },
        "--no-in-band" => this with { AllowsInBand = false },
        "--http" => this with { Http = EndPoint(name, value) },
        "--https" => this with { Https = EndPoint(name, value) },
        "--cert" => this with { CertFile = value },
        "--key" => this with { KeyFile = value },
        "--ca" => this with { CaFile = value },
        "--tls" => this with { ModernTls = value switch { "ccm8" => false, "modern" => true, _ => throw new SimException("--tls is ccm8 or modern.") } },
        "--dialect" => this with { Dialect = ParseDialect(value) },
        "--poll-rate" => this with { PollRate = (int)Number(name, value) },
        "--device" => this with { Devices = [.. Devices, value] },
        "--pin" => this with { Pin = Number(name, value) is >= 0 and <= 99_999 and var pin ? (int)pin : throw new SimException("--pin wants five digits, without the check digit.") },
        "--aggregator" => this with { Aggregator = value },
        "--script" => this with { Script = value is "demo" ? value : throw new SimException("--script: there is only demo.") },
        "--procedure" => this with { Procedure = value },
        "--max-import" => this with { MaxImportW = Number(name, value) },
        "--max-export" => this with { MaxExportW = Number(name, value) },
        _ => throw new SimException($"{name} is unknown."),
    };

    private static SimDialect ParseDialect(string value) => value switch
    {
        "2018" => SimDialect.Ieee2018,
        "1.1" or "1.2" => SimDialect.CsipAus12,
        "1.3" => SimDialect.CsipAus13,
        _ => throw new SimException("--dialect is 2018, 1.2 or 1.3."),
    };

    private static decimal Number(string name, string value) =>
        decimal.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new SimException($"{name} {value}: a whole number is wanted.");

    private static IPEndPoint EndPoint(string name, string value) =>
        IPEndPoint.TryParse(value, out var end) ? end : throw new SimException($"{name} {value}: write it as 127.0.0.1:5182.");
}
