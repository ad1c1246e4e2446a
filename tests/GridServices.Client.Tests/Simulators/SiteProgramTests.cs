using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Client.Tests.Hub;
using GridServices.Simulators.SiteController;
using GridServices.Testing;
using NodaTime;
using static GridServices.Client.Tests.Samples;

namespace GridServices.Client.Tests.Simulators;

/// <summary>The program as a whole, against a scripted hub.</summary>
public sealed class SiteProgramTests
{
    [Fact]
    public async Task Says_in_words_who_limits_it_and_obeys_within_seconds()
    {
        var now = SystemClock.Instance.GetCurrentInstant();
        var envelope = Envelope(Dr, 1, 30_000, Holds());
        var segment = envelope.Segments[0] with { From = now - Duration.FromMinutes(1), Until = now + Duration.FromMinutes(20) };
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, envelope with { Segments = [segment] })), cut: false);
        var words = new KeptWords();
        using var site = new SiteProgram(ControllerOptions.Parse(["--hub", hub.Url.ToString(), "--token", "t", "--site", Site, "--load-w", "80000", "--telemetry-s", "1"]), words);
        using var stop = Until.Deadline();
        var running = site.RunAsync(stop.Token);

        // It says so on a task of its own, and no more once it is stopped.
        await Until.HoldsAsync(
            () => site.Status().NetPowerW is >= 20_000 and <= 30_000 && hub.Posts.Any(p => p.What is "telemetry") && words.Said.Contains("import ≤ 30.0 kW from ", StringComparison.Ordinal),
            () => Task.FromResult(words.Said));

        await stop.CancelAsync();
        await running;
        Assert.Contains(", by openadr/PROG7 (contractual); next none; site draws ", words.Said, StringComparison.Ordinal);
        Assert.Contains("under control of the hub", words.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_the_deficit_of_a_limit_it_cannot_keep()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Set(1, Envelope(Dr, 1, 0, Holds(), fromS: -864_000_00))), cut: false);
        using var site = new SiteProgram(ControllerOptions.Parse(["--hub", hub.Url.ToString(), "--token", "t", "--site", Site, "--quiet"]), TextWriter.Null);
        using var stop = Until.Deadline();
        var running = site.RunAsync(stop.Token);
        await Until.HoldsAsync(() => hub.Posts.Any(p => p.Body.Contains("cannotComply", StringComparison.Ordinal)));

        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task The_status_page_shows_the_state_whatever_is_asked()
    {
        using var site = new SiteProgram(ControllerOptions.Parse(["--hub", "http://127.0.0.1:9", "--token", "t", "--init-import-w", "4200", "--quiet"]), TextWriter.Null);
        await using var page = StatusPage.Start(new IPEndPoint(IPAddress.Loopback, 0), site.Status);
        using var http = new HttpClient { BaseAddress = new Uri($"http://{page.Address}") };
        for (var i = 0; i < 3; i++)
        {
            var status = JsonNode.Parse(await http.GetStringAsync("/"))!;
            Assert.Equal(("init", 4_200L), (status["phase"]!.GetValue<string>(), status["limits"]!["importLimitW"]!["value"]!.GetValue<long>()));
        }
    }

    [Theory]
    [InlineData("--load-w", "-5")]
    [InlineData("--hub", "nonsense")]
    [InlineData("--unknown", "x")]
    [InlineData("--site")]
    public void A_wrong_option_is_refused_with_its_name(params string[] args) =>
        Assert.Contains(args[0], Assert.Throws<FormatException>(() => ControllerOptions.Parse(["--token", "t", .. args])).Message, StringComparison.Ordinal);

    /// <summary>Lines that may be read while they are written.</summary>
    private sealed class KeptWords : TextWriter
    {
        private readonly ConcurrentQueue<string> lines = new();

        public override Encoding Encoding => Encoding.UTF8;

        public string Said => string.Join('\n', lines);

        public override void WriteLine(string? value) => lines.Enqueue(value ?? string.Empty);
    }
}
