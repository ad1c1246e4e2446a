using System.Diagnostics;

namespace GridServices.Local;

/// <summary>What connects the demo site with the simulated utility: requests as a person would write them, from deploy/Local/demo.</summary>
internal static class Demo
{
    private static readonly (string Service, string Path, string File)[] Requests =
    [
        ("openadr", $"/v1/vens/{Topology.DemoSite}", "ven.json"),
        ("ieee2030-5", $"/v1/clients/{Topology.DemoSite}", "der-client.json"),
        ("tariffs", "/v1/tariffs/depot", "tariff.json"),
        ("tariffs", "/v1/meters/site-1-main", "meter.json"),
        ("tariffs", "/v1/meters/site-1-main/intervals", "meter-january.json"),
        ("tariffs", "/v1/parties/cpo", "seller.json"),
        ("tariffs", "/v1/parties/depot-ag", "buyer.json"),
        ("tariffs", "/v1/invoice-series/cpo", "invoice-series.json"),
        ("frequency-response", "/v1/sources/meter", "frequency-source.json"),
        ("frequency-response", "/v1/assets/bess-1", "frequency-asset.json"),
        ("frequency-response", "/v1/contracts/dcl-1", "frequency-contract.json"),
    ];

    /// <summary>Certificates for the simulated utility and its client, made once per data folder.</summary>
    /// <exception cref="LaunchException">They could not be made.</exception>
    public static async Task CreatePkiAsync(Topology topology, CancellationToken cancel)
    {
        var server = topology["der-utility"];
        if (File.Exists(Path.Combine(topology.UtilityPki, "server.crt")))
        {
            return;
        }

        using var made = Process.Start(new ProcessStartInfo("dotnet",
            ["exec", topology.Assembly(server), "pki", "--out", topology.UtilityPki])
        { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })
            ?? throw new LaunchException("The simulated utility's certificates could not be made: 'dotnet' did not run.");
        var said = Task.WhenAll(made.StandardOutput.ReadToEndAsync(cancel), made.StandardError.ReadToEndAsync(cancel));
        await made.WaitForExitAsync(cancel);
        if (made.ExitCode != 0)
        {
            throw new LaunchException($"The simulated utility's certificates could not be made in {topology.UtilityPki}:\n{string.Join('\n', await said)}");
        }
    }

    /// <exception cref="LaunchException">A service refused; its answer is in the message.</exception>
    public static async Task EnrollAsync(ServiceApi api, Topology topology, CancellationToken cancel)
    {
        await Task.WhenAll(Requests.GroupBy(request => request.Service).Select(requests => EnrollAsync(api, topology, requests, cancel)));
    }

    // In order: a meter wants its tariff, a contract its source.
    private static async Task EnrollAsync(ServiceApi api, Topology topology, IEnumerable<(string Service, string Path, string File)> requests, CancellationToken cancel)
    {
        foreach (var (service, path, file) in requests)
        {
            var json = topology.Fill(await File.ReadAllTextAsync(Path.Combine(topology.RepositoryRoot, "deploy", "Local", "demo", file), cancel));
            if (await api.PutAsync(service, path, json, cancel) is { } refusal)
            {
                throw new LaunchException($"{topology[service].Title} refused deploy/Local/demo/{file}: {refusal}");
            }
        }
    }
}
