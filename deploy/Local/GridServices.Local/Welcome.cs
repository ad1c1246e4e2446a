using GridServices.Local.Feed;

namespace GridServices.Local;

/// <summary>What a person is told once everything runs.</summary>
internal static class Welcome
{
    public const string Demo = "\nNow watch: the simulated utilities send events, the site controller obeys. Ctrl-C stops all.\n";
    private const string Operations = "operations";
    private const int MostNamed = 3;

    /// <summary>Where everything answers, and requests to begin with.</summary>
    public static void Print(Topology topology, DataFolder folder, Tokens tokens, TimeSpan took)
    {
        Console.WriteLine($"\nGridServices runs (ready after {took.TotalSeconds:0.0} s).");
        foreach (var program in topology.Programs)
        {
            Console.WriteLine($"  {program.Title,-26} {program.Url}");
        }

        Console.WriteLine($"""

              Data, settings, logs       {folder.Root}
              Tokens                     {folder.TokensFile}{DescribeConsole(topology, folder)}

            To ask yourself, in another terminal:
              OPERATOR={tokens.Operator}
              curl -sH "Authorization: Bearer $OPERATOR" {topology.Hub.Url}/v1/sites/{Topology.DemoSite}/effective
              curl -sH "Authorization: Bearer $OPERATOR" {topology["openadr"].Url}/v1/vens
              curl -sH "Authorization: Bearer $OPERATOR" {topology["ieee2030-5"].Url}/v1/clients
            """);
    }

    // While nobody can sign in at the console, the code for the first administrator is in a file that only this user can read.
    private static string DescribeConsole(Topology topology, DataFolder folder)
    {
        if (!topology.Has(Operations))
        {
            return string.Empty;
        }

        var (url, code) = (topology[Operations].Url, Path.Combine(folder.Root, Operations, "setup-code.txt"));
        return $"\n  Console                    {(File.Exists(code) ? $"{url}/setup with the code {File.ReadAllText(code).Trim()} makes the first administrator" : url)}";
    }

    /// <summary>Which utilities the services follow by themselves, from earlier runs.</summary>
    public static async Task<string> DescribeBareAsync(ServiceApi api, CancellationToken cancel)
    {
        var vens = await api.ListAsync("openadr", "/v1/vens", cancel);
        var clients = await api.ListAsync("ieee2030-5", "/v1/clients", cancel);
        string[] stored =
        [
            Stored("VEN", [.. vens.Select(ven => $"{ven.Text("venKey")} at {ven.Text("vtnUrl")}")]),
            Stored("IEEE 2030.5 client", [.. clients.Select(client => $"{client.Text("clientKey")} at {client.Text("serverUrl")}")]),
        ];
        var text = string.Join('\n', stored.Where(line => line.Length > 0));
        return text.Length == 0
            ? "\nNo utility is connected yet: README.md, \"Connect a real utility\", shows the one request that does it. Ctrl-C stops all.\n"
            : $"\nStored by an earlier run and followed again now:\n{text}\nA DELETE of its address ends that. Ctrl-C stops all.\n";
    }

    private static string Stored(string kind, string[] those) => those.Length == 0
        ? string.Empty
        : $"  {those.Length} {kind}{(those.Length == 1 ? string.Empty : "s")}: {string.Join(", ", those.Take(MostNamed))}{(those.Length > MostNamed ? $" and {those.Length - MostNamed} more" : string.Empty)}";
}
