using GridServices.Client.Tests.Hub;
using GridServices.Contracts;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Client.Tests;

/// <summary>The sample of the SDK's README, run; a second test compares the texts.</summary>
public sealed class UsageSample
{
    private static async Task RunAsync(Uri hub, string token, string stateFile, Func<Reading> measure, Action<long?> setImportLimitW, CancellationToken ct)
    {
        // <sample>
        using var site = new SiteSession(new SiteSessionOptions
        {
            Hub = new HubClientOptions { Hub = hub, Token = token, SiteId = "s1" },
            Failsafe = new FailsafeOptions { InitLimits = new Limits { ImportLimitW = 4_200 } }, // before the first contact ever
            StateFile = stateFile, // a restart without the hub goes on with what was known
        });
        site.LimitsChanged += limits =>
        {
            var import = limits.MostImportW(failsafeW: 4_200); // null: no limit, and that is known; 0: nothing allowed
            setImportLimitW(import);
            Console.WriteLine($"{limits.Phase}: import ≤ {import} W by {limits.Site.ImportLimitW?.BoundBy.Service} until {limits.Until}");
        };
        site.Notice += Console.WriteLine;
        var running = site.RunAsync(ct); // subscribes, resumes, falls safe, acknowledges
        while (!ct.IsCancellationRequested)
        {
            site.Report(measure()); // kept while the hub is away
            await Task.Delay(TimeSpan.FromSeconds(1), ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await running;

        // </sample>
    }

    [Fact]
    public async Task The_sample_runs()
    {
        await using var hub = await FakeHub.StartAsync();
        hub.Plays(FakeHub.Snapshot(Samples.Set(1, Samples.Envelope(Samples.Dr, 1, 30_000, null, fromS: -86_400_000))), cut: false);
        using var stop = Until.Deadline();
        long? obeyed = null;
        var folder = TestFolders.Create();
        await RunAsync(hub.Url, "t", Path.Combine(folder, "held.json"), () => new Reading { At = SystemClock.Instance.GetCurrentInstant(), NetPowerW = 1 }, Obey, stop.Token);
        Assert.Equal(30_000, obeyed);
        Assert.True(File.Exists(Path.Combine(folder, "held.json")));
        TestFolders.Remove(folder);

        void Obey(long? watts)
        {
            // The first call says what holds before the hub is heard.
            obeyed = watts;
            if (watts == 30_000)
            {
                stop.Cancel();
            }
        }
    }

    [Fact]
    public void The_README_shows_this_very_sample()
    {
        var source = Find("tests/GridServices.Client.Tests/UsageSample.cs");
        var sample = source[(source.IndexOf("// <sample>", StringComparison.Ordinal) + 11)..source.IndexOf("// </sample>", StringComparison.Ordinal)];
        var readme = Find("contracts/GridServices.Client/README.md");
        foreach (var line in sample.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0))
        {
            Assert.Contains(line, readme, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_beginning_that_Operations_hands_out_takes_the_number_in_the_same_way() =>
        Assert.Contains("limits.MostImportW(failsafeW: 4_200)", Find("services/Operations/GridServices.Operations.Service/Controllers/ControllerSnippets.cs"), StringComparison.Ordinal);

    private static string Find(string file)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "GridServices.sln")))
        {
            folder = folder.Parent!;
        }

        return File.ReadAllText(Path.Combine(folder.FullName, file));
    }
}
