using GridServices.Client.Access;
using GridServices.Contracts;

namespace GridServices.Hosting.Probes;

/// <summary>Asks a running service whether it is well, for images without a shell: <c>service --probe [address]</c>; the address is else that of GRIDSERVICES_PROBE.</summary>
internal static class HealthProbe
{
    private const string Option = "--probe";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    internal static bool IsAsked(string[] args) => args is [Option, ..];

    /// <returns>0: it is well. 1: it is not, or does not answer; one line says which.</returns>
    internal static async Task<int> RunAsync(string[] args, TextWriter errors)
    {
        var told = args.ElementAtOrDefault(1) ?? Environment.GetEnvironmentVariable("GRIDSERVICES_PROBE");
        if (!Uri.TryCreate(told, UriKind.Absolute, out var address))
        {
            await errors.WriteLineAsync($"{Option} takes the address to ask, such as http://127.0.0.1:5100/health/live.");
            return 1;
        }

        try
        {
            using var http = new HttpClient(new ConnectionFaultHandler(new SocketsHttpHandler())) { Timeout = Patience };
            using var answer = await http.GetAsync(address);
            if (answer.IsSuccessStatusCode)
            {
                return 0;
            }

            await errors.WriteLineAsync($"{address} answered {(int)answer.StatusCode}: {SafeText.Line(await answer.Content.ReadAsStringAsync())}");
        }
        catch (Exception away) when (away is HttpRequestException or OperationCanceledException)
        {
            await errors.WriteLineAsync($"{address} does not answer: {SafeText.Line(away.Message)}");
        }

        return 1;
    }
}
