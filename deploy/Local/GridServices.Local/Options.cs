using GridServices.Contracts;
using GridServices.Local.Feed;

namespace GridServices.Local;

/// <summary>What the person who typed <c>./run</c> asked for.</summary>
internal sealed record Options
{
    public bool Bare { get; init; }
    public string Data { get; init; } = Path.Combine(".data", "local");
    public int FirstPort { get; init; } = 5100;
    public IReadOnlyList<string> Sites { get; init; } = ["site-1"];
    /// <summary>Instances of OpenAdr and Ieee2030Dot5, which share their work on one PostgreSQL where there are several.</summary>
    public int Nodes { get; init; } = 1;

    public Verbosity Verbosity { get; init; } = Verbosity.Normal;

    /// <summary>Programs that are not started, e.g. <c>operations</c>.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    /// <exception cref="LaunchException">An option is unknown or its value makes no sense.</exception>
    public static Options Parse(IReadOnlyList<string> args)
    {
        var options = new Options();
        for (var i = 0; i < args.Count; i++)
        {
            var (name, inline) = Split(args[i]);
            string Value() => inline ?? Following(args, ref i, name);
            options = name switch
            {
                "--data" => options with { Data = Folder(Value()) },
                "--ports" => options with { FirstPort = Port(Value()) },
                "--sites" => options with { Sites = SiteList(Value()) },
                "--without" => options with { Without = Value().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) },
                "--nodes" => options with { Nodes = NodeCount(Value()) },
                "--bare" => WithoutValue(name, inline, options with { Bare = true }),
                "--quiet" => WithoutValue(name, inline, options with { Verbosity = Verbosity.Quiet }),
                "--verbose" => WithoutValue(name, inline, options with { Verbosity = Verbosity.Verbose }),
                _ => throw new LaunchException($"'{args[i]}' is not an option. See ./run --help."),
            };
        }

        return options;
    }

    private static (string Name, string? Value) Split(string arg)
    {
        var equals = arg.IndexOf('=', StringComparison.Ordinal);
        return arg.StartsWith("--", StringComparison.Ordinal) && equals > 0 ? (arg[..equals], arg[(equals + 1)..]) : (arg, null);
    }

    private static string Following(IReadOnlyList<string> args, ref int i, string name)
    {
        if (i + 1 >= args.Count)
        {
            throw new LaunchException($"{name} needs a value. See ./run --help.");
        }

        var value = args[++i];
        return value.StartsWith("--", StringComparison.Ordinal)
            ? throw new LaunchException($"{name} needs a value, but '{value}' follows it, which is an option. See ./run --help.")
            : value;
    }

    private static Options WithoutValue(string name, string? value, Options options) =>
        value is null ? options : throw new LaunchException($"{name} takes no value, but got '{value}'. See ./run --help.");

    private static string Folder(string text) =>
        string.IsNullOrWhiteSpace(text) ? throw new LaunchException("--data needs a folder, e.g. --data .data/local.")
        : text.StartsWith('-') ? throw new LaunchException($"--data {text}: a folder whose name begins with '-' is written ./{text}.")
        : text;

    private static int Port(string text) =>
        int.TryParse(text, out var port) && port is >= 1024 and <= 65000
            ? port
            : throw new LaunchException($"--ports {text}: the first port is a number from 1024 to 65000.");

    private static int NodeCount(string text) =>
        int.TryParse(text, out var nodes) && nodes is >= 1 and <= 5 ? nodes : throw new LaunchException($"--nodes {text}: the number of instances, from 1 to 5.");

    private static string[] SiteList(string text)
    {
        var sites = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return Array.Find(sites, site => !Identifiers.IsSafe(site)) is { } wrong
            ? throw new LaunchException($"--sites: '{wrong}' can't be a site id: letters, digits and . _ : ~ -, the first a letter, digit or _, without '..'.")
            : sites.Length > 0 ? sites : throw new LaunchException("--sites needs at least one site id.");
    }
}

/// <summary>Something the person at the terminal can put right; the message says how.</summary>
internal sealed class LaunchException(string message) : Exception(message);
