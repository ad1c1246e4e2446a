using System.Diagnostics;
using GridServices.EnvelopeHub.Service;
using GridServices.Hosting;
using GridServices.Hosting.Configuration;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.Configuration;

namespace GridServices.EnvelopeHub.Tests;

public sealed class OptionsTests
{
    [Theory]
    [InlineData("HeartbeatInterval", "0")]
    [InlineData("HeartbeatInterval", "-00:00:01")]
    [InlineData("HeartbeatInterval", "15")]
    [InlineData("RetentionInterval", "00:00:00")]
    [InlineData("LogMaxAge", "-1")]
    [InlineData("CachedSites", "0")]
    [InlineData("ReplayEvents", "-1")]
    public void A_value_that_cant_be_meant_is_refused_by_name(string name, string value)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal) { ["EnvelopeHub:" + name] = value }).Build();
        Assert.Contains("EnvelopeHub:" + name, Assert.Throws<StartException>(() => configuration.ReadSettings<EnvelopeHubOptions>()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("0")]
    public async Task A_heartbeat_interval_that_cant_be_used_ends_the_hub_with_one_line(string interval)
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        string[] arguments = ["exec", typeof(EnvelopeHubApp).Assembly.Location, "--urls=http://127.0.0.1:0", "--Auth:AllowAnonymous=true", $"--EnvelopeHub:HeartbeatInterval={interval}", .. place.Arguments];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var hub = Process.Start(start)!;
        var said = hub.StandardError.ReadToEndAsync();
        var told = await hub.StandardOutput.ReadToEndAsync();
        await hub.WaitForExitAsync();
        Assert.Equal(1, hub.ExitCode);
        Assert.Contains("EnvelopeHub:HeartbeatInterval", Assert.Single((await said).TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", told, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hub_that_is_well_does_not_count_as_cut_off_between_two_looks()
    {
        var options = new EnvelopeHubOptions { LookInterval = TimeSpan.FromSeconds(1), UnseenFor = TimeSpan.FromSeconds(4) };
        Assert.Empty(options.Validate());
        Assert.Contains("EnvelopeHub:UnseenFor", Assert.Single((options with { UnseenFor = TimeSpan.FromSeconds(3) }).Validate()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Counters_of_failures_are_there_before_the_first_failure()
    {
        await using var hub = await HubUnderTest.StartAsync();
        using var client = hub.Publisher;
        var metrics = await client.GetStringAsync("/metrics");
        foreach (var counter in new[] { "hub_commits_failed_total", "hub_subscribers_cutoff_total", "hub_subscribers_closed_total", "store_commits_failed_total", "clock_jumps_total", "hub_damaged_streams" })
        {
            Assert.Contains($"# TYPE {counter} ", metrics, StringComparison.Ordinal);
            Assert.Contains($"\n{counter} ", metrics, StringComparison.Ordinal);
        }

        string[] expected = ["timers", "heartbeats", "writer"];
        await Until.HoldsAsync(() => client.GetStringAsync("/health/live"), loops => expected.All(loop => loops.Contains($"\"{loop}\"", StringComparison.Ordinal)));
    }
}
