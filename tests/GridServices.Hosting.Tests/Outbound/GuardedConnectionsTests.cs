using System.Net;
using System.Net.Sockets;
using GridServices.Hosting.Outbound;

namespace GridServices.Hosting.Tests.Outbound;

public sealed class GuardedConnectionsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1", "of this machine")]
    [InlineData("127.8.8.8", "of this machine")]
    [InlineData("0.0.0.0", "of this machine")]
    [InlineData("::1", "of this machine")]
    [InlineData("::ffff:127.0.0.1", "of this machine")]
    [InlineData("10.1.2.3", "of a private network")]
    [InlineData("172.31.255.255", "of a private network")]
    [InlineData("192.168.1.1", "of a private network")]
    [InlineData("100.64.0.1", "of a private network")]
    [InlineData("fd12::1", "of a private network")]
    [InlineData("64:ff9b::a00:1", "of a private network")]
    [InlineData("2002:a00:1::", "of a private network")]
    [InlineData("169.254.169.254", "of the local link")]
    [InlineData("fe80::1%2", "of the local link")]
    [InlineData("::ffff:169.254.169.254", "of the local link")]
    [InlineData("224.0.0.1", "no single host")]
    [InlineData("255.255.255.255", "no single host")]
    [InlineData("ff02::1", "no single host")]
    [InlineData("203.0.113.9", "reserved")]
    [InlineData("8.8.8.8", null)]
    [InlineData("172.32.0.1", null)]
    [InlineData("2606:4700::1111", null)]
    [InlineData("64:ff9b::808:808", null)]
    public void What_is_no_public_host_is_refused_however_it_is_written(string address, string? what) => Assert.Equal(what, AddressRules.Public([]).FindRefusal(IPAddress.Parse(address)));

    [Fact]
    public void Networks_that_are_named_are_allowed_and_nothing_beside_them()
    {
        var rules = AddressRules.Public(AddressRules.Networks("10.20.0.0/16, 127.0.0.0/8", out var fault));
        Assert.Null(fault);
        Assert.Null(rules.FindRefusal(IPAddress.Parse("10.20.3.4")));
        Assert.Null(rules.FindRefusal(IPAddress.Parse("::ffff:127.0.0.1")));
        Assert.Equal("of a private network", rules.FindRefusal(IPAddress.Parse("10.21.0.1")));
        Assert.Equal("of this machine", rules.FindRefusal(IPAddress.Parse("::1")));
        AddressRules.Networks("10.20.0.0/16 hooks.example", out var wrong);
        Assert.Equal("hooks.example", wrong);
    }

    [Theory]
    [InlineData("169.254.169.254", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("ff02::1", false)]
    [InlineData("10.1.2.3", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("fe80::1", true)]
    public void A_utility_may_be_in_a_private_network_and_is_never_the_cloud_s_metadata(string address, bool isAllowed) =>
        Assert.Equal(isAllowed, AddressRules.Utilities.FindRefusal(IPAddress.Parse(address)) is null);

    [Fact]
    public async Task A_name_is_resolved_once_and_the_connection_goes_to_the_address_that_was_judged()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var port = ((IPEndPoint)server.LocalEndpoint).Port;
        var asked = 0;

        // What a rebinding name does: the first answer is harmless, the next ones are not.
        Task<IPAddress[]> Resolve(string host, CancellationToken ct) => Task.FromResult(new[] { ++asked == 1 ? IPAddress.Parse("127.0.0.1") : IPAddress.Parse("10.0.0.1") });
        var guard = new GuardedConnections(AddressRules.Public([IPNetwork.Parse("127.0.0.1/32")]), Resolve);
        using var http = new HttpClient(guard.CreateHandler(TimeSpan.FromSeconds(30)));
        var sending = http.GetAsync(new Uri($"http://rebinding.example:{port}/"), Ct);
        using (var accepted = await server.AcceptTcpClientAsync(Ct))
        {
            var stream = accepted.GetStream();
            var first = new byte[1];
            Assert.Equal(1, await stream.ReadAsync(first, Ct));

            // A redirect to the inside is an answer, and is not followed.
            await stream.WriteAsync("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), Ct);
            using var answer = await sending;
            Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        }

        Assert.Equal(1, asked);
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri($"http://rebinding.example:{port}/"), Ct));
        Assert.Contains("rebinding.example is 10.0.0.1, which is of a private network", refused.Message, StringComparison.Ordinal);
        Assert.Equal(HttpRequestError.ConnectionError, refused.HttpRequestError);
    }

    [Fact]
    public async Task Of_several_addresses_those_that_are_allowed_are_used_and_a_name_of_none_is_refused()
    {
        var guard = new GuardedConnections(AddressRules.Public([]), (host, _) => Task.FromResult(host == "none.example" ? [] : new[] { IPAddress.Parse("10.0.0.1"), IPAddress.Parse("8.8.8.8") }));
        Assert.Equal([IPAddress.Parse("8.8.8.8")], await guard.ResolveAsync("two.example", Ct));
        Assert.Equal(SocketError.HostNotFound, (await Assert.ThrowsAsync<SocketException>(() => guard.ResolveAsync("none.example", Ct))).SocketErrorCode);
        Assert.Equal(IPAddress.IPv6Loopback, (await Assert.ThrowsAsync<RefusedAddressException>(() => guard.ResolveAsync("[::1]", Ct))).Address);
    }
}
