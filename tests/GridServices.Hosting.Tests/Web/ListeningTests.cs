using System.Diagnostics;
using System.Net.Sockets;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Tests.Sample;
using GridServices.Hosting.Web;
using GridServices.Testing;
using Microsoft.Extensions.Configuration;

namespace GridServices.Hosting.Tests.Web;

public sealed class ListeningTests
{
    [Theory]
    [InlineData("http://127.0.0.1:5100", true)]
    [InlineData("http://127.9.9.9:5100", true)]
    [InlineData("http://localhost:5100", true)]
    [InlineData("https://[::1]:5100", true)]
    [InlineData("http://unix:/tmp/a.sock", true)]
    [InlineData("http://0.0.0.0:5100", false)]
    [InlineData("http://[::]:5100", false)]
    [InlineData("http://*:5100", false)]
    [InlineData("http://192.168.1.5:5100", false)]
    [InlineData("http://127.0.0.1.example:5100", false)]
    public void Only_loopback_addresses_count_as_this_machine(string address, bool loopback) => Assert.Equal(loopback, Listening.IsLoopback(address));

    [Fact]
    public void Without_configuration_the_service_listens_on_loopback_at_its_own_port()
    {
        var nothing = new ConfigurationBuilder().Build();
        Assert.Equal(["http://127.0.0.1:5199"], Listening.Addresses(nothing, SampleApp.Identity));
    }

    [Fact]
    public async Task A_connection_that_says_nothing_is_closed()
    {
        await using var service = await ServiceApp.StartAsync(SampleApp.Build, null, "--Limits:FirstByteSeconds=1");
        using var silent = new TcpClient();
        await silent.ConnectAsync(service.Address.Host, service.Address.Port);
        using var limit = Until.Deadline();
        Assert.Equal(0, await silent.GetStream().ReadAsync(new byte[1], limit.Token)); // closed by the service
    }

    [Fact]
    public async Task A_connection_that_has_begun_to_speak_may_take_its_time()
    {
        await using var service = await ServiceApp.StartAsync(SampleApp.Build, null, "--Limits:FirstByteSeconds=3");
        using var silent = new TcpClient();
        using var slow = new TcpClient();
        await slow.ConnectAsync(service.Address.Host, service.Address.Port);
        await slow.GetStream().WriteAsync("GET /health/live HTTP/1.1\r\n"u8.ToArray());
        await silent.ConnectAsync(service.Address.Host, service.Address.Port);
        using var limit = Until.Deadline();
        Assert.Equal(0, await silent.GetStream().ReadAsync(new byte[1], limit.Token)); // so the slow one, which came first, is past its three seconds too
        await slow.GetStream().WriteAsync("Host: a\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(slow.GetStream());
        Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync(limit.Token));
    }

    [Fact]
    public async Task A_stream_ends_with_a_last_word_when_the_service_stops()
    {
        var service = await ServiceApp.StartAsync(SampleApp.Build);
        using var client = service.Client(service.Tokens.Operator);
        using var stream = await client.GetAsync("/v1/stop-token", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());
        Assert.Equal(": hello", await reader.ReadLineAsync());
        await service.DisposeAsync();

        // It ended by itself: a stream that stopping had to cut off would have no last word.
        Assert.Contains(": bye", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminated_process_ends_by_itself_with_code_0()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        using var process = ChildProcess.Start(ChildProcess.Arguments("child-service", place, "--Hub:Url=http://127.0.0.1:1"));
        string? line;
        while ((line = await process.StandardOutput.ReadLineAsync()) is not null && !line.Contains("Application started", StringComparison.Ordinal))
        {
        }

        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        using var limit = Until.Deadline();
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(0, process.ExitCode);
    }
}
