using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GridServices.Hosting.Web;

/// <summary>
/// Closes connections that open and then say nothing. Kestrel counts a connection without a request as kept alive, so a stranger
/// who only opens connections would hold places for two minutes each.
/// </summary>
public static class SilentConnections
{
    /// <summary>Before TLS and HTTP: whoever sends no byte within <paramref name="wait"/> of connecting is let go.</summary>
    public static void CloseSilent(this ListenOptions endpoint, TimeSpan wait) => endpoint.Use(next => connection => AwaitFirstByteAsync(connection, wait, next));

    private static async Task AwaitFirstByteAsync(ConnectionContext connection, TimeSpan wait, ConnectionDelegate next)
    {
        if (await SendsDataAsync(connection, wait))
        {
            await next(connection);
        }
    }

    private static async Task<bool> SendsDataAsync(ConnectionContext connection, TimeSpan wait)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        limit.CancelAfter(wait);
        var input = connection.Transport.Input;
        try
        {
            var first = await input.ReadAsync(limit.Token);
            input.AdvanceTo(first.Buffer.Start); // nothing is taken: who reads next begins with the first byte
            return !first.Buffer.IsEmpty;
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            return false;
        }
    }
}
