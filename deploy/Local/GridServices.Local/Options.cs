namespace GridServices.Local;

/// <summary>What the person who typed <c>./run</c> asked for.</summary>
internal sealed record Options
{
    public const string Usage = """
        Usage: ./run [options]

        Starts every GridServices service on this machine, with a simulated utility and a simulated site controller,
        and tells in plain words what happens. Ctrl-C stops all; the data stays for the next start.

          --bare         the services alone, for connecting a real utility
          --data DIR     stores, keys, tokens and logs live under DIR (default: .data/local)
          --ports N      first port of the block (default: 5100: hub N, OpenAdr N+10, simulators N+80 …)
          --sites LIST   sites the development controller token may read, comma-separated (default: site-1)
          --help         this text
        """;

    public bool Bare { get; init; }
    public bool Help { get; init; }
    public string Data { get; init; } = Path.Combine(".data", "local");
    public int FirstPort { get; init; } = 5100;
    public IReadOnlyList<string> Sites { get; init; } = ["site-1"];

    /// <exception cref="LocalFault">An option is unknown or its value senseless.</exception>
    public static Options Parse(IReadOnlyList<string> args)
    {
        var options = new Options();
        for (var i = 0; i < args.Count; i++)
        {
            var (name, inline) = Split(args[i]);
            string Value() => inline ?? (++i < args.Count ? args[i] : throw new LocalFault($"{name} needs a value. See ./run --help."));
            options = name switch
            {
                "--bare" => options with { Bare = true },
                "--help" or "-h" => options with { Help = true },
                "--data" => options with { Data = Value() },
                "--ports" => options with { FirstPort = Port(Value()) },
                "--sites" => options with { Sites = SiteList(Value()) },
                _ => throw new LocalFault($"'{args[i]}' is not an option. See ./run --help."),
            };
        }

        return options;
    }

    private static (string Name, string? Value) Split(string arg)
    {
        var equals = arg.IndexOf('=', StringComparison.Ordinal);
        return arg.StartsWith("--", StringComparison.Ordinal) && equals > 0 ? (arg[..equals], arg[(equals + 1)..]) : (arg, null);
    }

    private static int Port(string text) =>
        int.TryParse(text, out var port) && port is >= 1024 and <= 65000
            ? port
            : throw new LocalFault($"--ports {text}: the first port is a number from 1024 to 65000.");

    private static string[] SiteList(string text)
    {
        var sites = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return sites.Length > 0 ? sites : throw new LocalFault("--sites needs at least one site id.");
    }
}

/// <summary>Something the person at the terminal can mend; the message says how.</summary>
internal sealed class LocalFault(string message) : Exception(message);
