using System.Diagnostics;
using GridServices.Hosting.Tests.Sample;
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
        await using var place = TestStores.Of(Dialect.Sqlite);
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
