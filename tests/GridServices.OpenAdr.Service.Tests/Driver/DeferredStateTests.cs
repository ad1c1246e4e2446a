using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Service.Storage;
using GridServices.OpenAdr.Signatures;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Driver;

/// <summary>What of a VEN's state the write-behind brings to disk, at the latest when the service ends.</summary>
public sealed class DeferredStateTests
{
    [Fact]
    public void Nonces_of_messages_that_changed_nothing_are_among_it()
    {
        var protocol = new VenProtocol(null!, null!, null!, null!, null!, SystemClock.Instance, NullLogger<VenProtocol>.Instance);
        var stored = VenState.Initial;
        Assert.Same(stored, protocol.Deferred(stored, stored with { Requests = 7 }));

        var now = SystemClock.Instance.GetCurrentInstant();
        var current = stored with { Requests = 7, Nonces = [new SeenNonce("nonce-0001", now, Duration.Zero)], SenderAhead = Duration.FromSeconds(3), NoncesSince = now };
        var deferred = protocol.Deferred(stored, current);
        Assert.Equal(stored with { Nonces = current.Nonces, SenderAhead = current.SenderAhead, NoncesSince = now }, deferred);
        Assert.False(VenStore.OnlyPointsDiffer(stored, deferred));
    }
}
