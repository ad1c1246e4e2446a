using System.Text.RegularExpressions;
using GridServices.Local.Feed;

namespace GridServices.Local;

/// <summary>Several instances of a service that share its work on one PostgreSQL (<c>--nodes N</c>).</summary>
internal static partial class ClusterNodes
{
    /// <summary>The connection string of the database that <c>./run</c> has set up.</summary>
    private const string Database = "GRIDSERVICES_CLUSTER_POSTGRES";
    private const int PortsPerNode = 100;
    private static readonly string[] Services = ["openadr", "ieee2030-5"];

    /// <summary>The instances of a service; the service alone where it is one that has no others.</summary>
    /// <exception cref="LaunchException">There is no database for them.</exception>
    public static IEnumerable<LocalProgram> Create(LocalProgram service, Options options)
    {
        if (options.Nodes == 1 || !Services.Contains(service.Name))
        {
            return [service];
        }

        var database = Environment.GetEnvironmentVariable(Database) is { Length: > 0 } set
            ? set
            : throw new LaunchException($"--nodes needs a PostgreSQL: start with ./run, which sets one up, or name one in {Database} (a connection string).");
        return Enumerable.Range(1, options.Nodes).Select(number => Node(service, number, database));
    }

    /// <summary>What a node says of its cluster, as a change; null: the line is about something else.</summary>
    public static Change? Read(LocalProgram program, string line) =>
        Notice().Match(line) is { Success: true } told ? new Change("cluster", null, $"{GetName(program)} {told.Groups["text"].Value}", $"{GetName(program)}: {told.Groups["text"].Value}") : null;

    /// <summary>Its name in the cluster.</summary>
    public static string GetName(LocalProgram node) => node.Name == node.Cluster ? $"{node.Name}-1" : node.Name;

    private static LocalProgram Node(LocalProgram service, int number, string database)
    {
        var name = number == 1 ? service.Name : $"{service.Name}-{number}";
        var secrets = new Dictionary<string, string>(service.Secrets, StringComparer.Ordinal) { ["Cluster__PostgreSql"] = database };
        var port = number == 1 ? service.Port : service.Port + (PortsPerNode * number);
        return service with
        {
            Name = name,
            Title = $"{service.Title}, node {number}",
            Port = port,
            Arguments = [.. service.Arguments, "--Urls", $"http://127.0.0.1:{port}", "--Cluster:Name", $"{service.Name}-{number}", "--Logging:LogLevel:Orleans", "Warning"],
            Secrets = secrets,
            Cluster = service.Name,
        };
    }

    // "… warn: GridServices.Cluster.Placement.TakeOvers[10031] openadr-1 is gone: …"
    [GeneratedRegex(@"GridServices\.Cluster\.(Placement\.TakeOvers|Nodes\.\w+)\[\d+\] (?<text>.*)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Notice();
}
