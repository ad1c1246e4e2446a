namespace GridServices.Local;

/// <summary>What connects the demo site with the simulated utility: requests as a person would write them, from deploy/Local/demo.</summary>
internal static class Demo
{
    private static readonly (string Service, string Path, string File)[] Requests =
    [
        ("openadr", $"/v1/vens/{Topology.DemoSite}", "ven.json"),
    ];

    /// <exception cref="LocalFault">A service refused; its answer is in the message.</exception>
    public static async Task EnrollAsync(ServiceApi api, Topology topology, CancellationToken cancel)
    {
        foreach (var (service, path, file) in Requests)
        {
            var json = await File.ReadAllTextAsync(Path.Combine(topology.RepositoryRoot, "deploy", "Local", "demo", file), cancel);
            foreach (var program in topology.Programs)
            {
                json = json.Replace($"{{{program.Name}}}", program.Url, StringComparison.Ordinal);
            }

            if (await api.PutAsync(service, path, json, cancel) is { } refusal)
            {
                throw new LocalFault($"{topology[service].Title} refused deploy/Local/demo/{file}: {refusal}");
            }
        }
    }
}
