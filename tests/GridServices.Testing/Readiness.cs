using System.Net;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Health;
using Xunit;

namespace GridServices.Testing;

/// <summary>What a service says of itself.</summary>
public static class Readiness
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(100);

    /// <summary>Asks until the service says that it is ready, or that it is not: nothing but the answer ends the waiting, or <see cref="Until.Ceiling"/>.</summary>
    /// <returns>The checks that fail.</returns>
    public static async Task<IReadOnlyList<HealthCheck>> UntilAsync(HttpClient client, bool ready)
    {
        using var limit = Until.Deadline();
        while (true)
        {
            using var answer = await client.GetAsync("/health/ready", limit.Token);
            if (answer.StatusCode == (ready ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable))
            {
                return [.. (await ReadAsync(answer)).Checks.Where(check => !check.Ok)];
            }

            await Task.Delay(AskAgain, limit.Token);
        }
    }

    /// <summary>Alive: restarting it would help nothing.</summary>
    public static async Task DemandLiveAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/health/live");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<HealthAnswer> ReadAsync(HttpResponseMessage answer) =>
        JsonSerializer.Deserialize<HealthAnswer>(await answer.Content.ReadAsByteArrayAsync(), ContractJson.Options)!;
}
