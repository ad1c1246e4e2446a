using System.Net.Security;
using System.Security.Authentication;
using GridServices.UtilityClients.Listening;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging.Abstractions;

namespace GridServices.UtilityClients.Tests.Listening;

public sealed class MutualTlsListenerTests
{
    [Fact]
    public async Task A_look_at_the_certificate_that_fails_ends_neither_the_watch_nor_the_service()
    {
        var (status, ct) = (new ListenerStatus("off"), TestContext.Current.CancellationToken);
        await using var listener = new Listener(status);
        await listener.StartAsync(ct);
        await listener.Looked.Task.WaitAsync(ct);
        Assert.NotNull(status.Address);
        await listener.StopAsync(ct);
    }

    private sealed class Listener(ListenerStatus status) : MutualTlsListener("listener", "127.0.0.1:0", 10, status, NullLoggerFactory.Instance)
    {
        public TaskCompletionSource Looked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override void Watch()
        {
            Looked.TrySetResult();
            throw new IOException("the share is away");
        }

        protected override SslServerAuthenticationOptions Handshake(TlsHandshakeCallbackContext handshake) => throw new AuthenticationException();

        protected override Task HandleAsync(HttpContext http) => Task.CompletedTask;
    }
}
