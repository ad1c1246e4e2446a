namespace GridServices.Local;

/// <summary>What the person who typed <c>./run</c> asked for.</summary>
internal sealed record Options
{
    public bool Bare { get; init; }
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
                "--data" => options with { Data = Folder(Value()) },
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

    private static string Folder(string text) =>
        string.IsNullOrWhiteSpace(text) ? throw new LocalFault("--data needs a folder, e.g. --data .data/local.") : text;

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
