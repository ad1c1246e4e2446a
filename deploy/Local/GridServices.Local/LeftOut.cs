namespace GridServices.Local;

/// <summary>
/// The publishers that this run leaves out. An earlier run on the same data may have made them known to the hub, which would wait for them for as long
/// as it runs and answer <c>effective/now</c> with 503. What they published stays in force.
/// </summary>
internal static class LeftOut
{
    /// <exception cref="LaunchException">The hub refused; its answer is in the message.</exception>
    public static async Task RemoveAsync(ServiceApi api, IReadOnlyList<string> programs, CancellationToken cancel)
    {
        foreach (var program in programs)
        {
            var source = $"/gridservices/{program}/1";
            if (await api.DeleteAsync("envelope-hub", "/v1/publishers" + source, cancel) is { } refusal)
            {
                throw new LaunchException($"The hub waits for {source}, which this run leaves out, and can't be told not to: {refusal}");
            }
        }
    }
}
