using System.Net;
using System.Net.Sockets;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests;

/// <summary>What a newcomer does with <c>./run</c>, right and wrong.</summary>
public sealed class RunStartsEverything
{
    [Fact]
    public async Task A_utility_event_reaches_the_site_controller_and_all_survives_a_restart()
    {
        var data = LocalRun.NewDataFolder();
        var ports = TestPorts.Block();
        string cursor;
        await using (var run = LocalRun.StartAll(data, ports))
        {
            await run.ReadyAsync();
            await run.SaysAsync("VEN site-1: registered with VTN-1");
            await run.SaysAsync("issues event demo-");
            await run.SaysAsync("answers demo-");
            var obeyed = await run.SaysAsync("import ≤ 60.0 kW", "  limit  ");
            Assert.Contains("  site-1  ", obeyed, StringComparison.Ordinal);
            Assert.Contains("by openadr/PROG7 (contractual)", obeyed, StringComparison.Ordinal);

            // The other utility's envelope, over mutual TLS: merged at the hub, the tighter of the two is obeyed and named.
            await run.SaysAsync("client site-1: the line is ok");
            await run.SaysAsync("started the control");
            // Rounds of three and of four minutes: where one began late, they meet after nine.
            var tighter = await run.SaysAsync(3, ["import ≤ 45.0 kW (openadr/PROG7 allows 60.0 kW)", "  limit  "]);
            Assert.Contains("by ieee2030-5/", tighter, StringComparison.Ordinal);
            await LocalRun.EventuallyAsync(() => run.GetAsync(run.SiteController), state => state.GetProperty("netPowerW").GetInt64() <= 60_000);
            cursor = (await run.GetAsync(new Uri(run.Hub, "/v1/sites/site-1/effective"), "controller")).GetProperty("sequence").GetString()!;
            Assert.Equal(0, await run.StopAsync());
            Assert.Contains(run.Lines, line => line.StartsWith("Stopped.", StringComparison.Ordinal));
            Assert.Contains(run.Lines, line => line.StartsWith("What happened: ", StringComparison.Ordinal) && line.Contains("OpenADR event", StringComparison.Ordinal));
            Assert.DoesNotContain(run.Lines.SkipWhile(line => !line.StartsWith("Now watch", StringComparison.Ordinal)).TakeWhile(line => line != "Stopping …"), line => line.Length > 120);

            // A limit may come back after another one; told twice in a row it would be no change.
            var limits = run.Lines.Where(line => line.Contains("  limit  ", StringComparison.Ordinal)).Select(line => line[line.IndexOf("  site-", StringComparison.Ordinal)..]).ToList();
            Assert.DoesNotContain(limits.Zip(limits.Skip(1)), pair => string.Equals(pair.First, pair.Second, StringComparison.Ordinal));
        }

        await using var again = LocalRun.StartAll(data, ports, "--bare");
        await again.ReadyAsync();
        var kept = await again.GetAsync(new Uri(again.Hub, "/v1/sites/site-1/effective"), "controller");
        Assert.True(long.Parse(kept.GetProperty("sequence").GetString()!) >= long.Parse(cursor), "the sequence went back over a restart");
        await again.SaysAsync(" VEN", "site-1 at http://"); // More than one where Operations' own enrollments were set up in time.
        await again.SaysAsync("1 IEEE 2030.5 client: site-1 at https://");
        var vens = await again.GetAsync(new Uri(again.OpenAdr, "/v1/vens"), "operator");
        Assert.Contains(vens.EnumerateArray(), ven => ven.GetProperty("venKey").GetString() == "site-1");
    }

    [Fact]
    public async Task Programs_left_behind_by_a_killed_launcher_are_stopped_at_the_next_start()
    {
        var data = LocalRun.NewDataFolder();
        var ports = TestPorts.Block();
        await using (var killed = LocalRun.Start(data, ports, "--bare"))
        {
            await killed.ReadyAsync();
            await killed.StopAsync("-KILL");
        }

        await using var again = LocalRun.Start(data, ports, "--bare");
        await again.SaysAsync("that an earlier ./run left behind");
        await again.ReadyAsync();
        Assert.Equal(0, await again.StopAsync());
    }

    [Theory]
    [InlineData("--frobnicate", "is not an option")]
    [InlineData("--ports=80", "from 1024 to 65000")]
    [InlineData("--data=/dev/null/here", "Choose another folder with --data")]
    [InlineData("--sites=a b/../x", "can't be a site id")]
    [InlineData("--data=--bare", "begins with '-'")]
    public async Task A_wrong_option_is_answered_in_one_line(string option, string saying)
    {
        await using var run = LocalRun.Start(LocalRun.NewDataFolder(), TestPorts.Block(), option);
        Assert.Equal(1, await run.EndedAsync());
        var line = Assert.Single(run.Lines);
        Assert.Contains(saying, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_named_with_the_way_out()
    {
        var ports = TestPorts.Block();
        using var squatter = new TcpListener(IPAddress.Loopback, ports + 10);
        squatter.Start();
        await using var run = LocalRun.Start(LocalRun.NewDataFolder(), ports);
        Assert.Equal(1, await run.EndedAsync());
        Assert.Contains(run.Lines, line => line.Contains($"Port {ports + 10} (OpenAdr) is in use", StringComparison.Ordinal) && line.Contains("--ports", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_runs_on_one_data_folder_are_kept_apart()
    {
        var data = LocalRun.NewDataFolder();
        await using var first = LocalRun.Start(data, TestPorts.Block(), "--bare");
        await first.ReadyAsync();
        await using var second = LocalRun.Start(data, TestPorts.Block(), "--bare");
        Assert.Equal(1, await second.EndedAsync());
        Assert.Contains(second.Lines, line => line.Contains("in use by another ./run", StringComparison.Ordinal));
    }
}
