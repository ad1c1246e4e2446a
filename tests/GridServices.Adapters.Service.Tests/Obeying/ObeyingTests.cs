using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Contracts;
using GridServices.Testing;

namespace GridServices.Adapters.Service.Tests.Obeying;

/// <summary>The programs of docs/obey-without-an-sdk.md as they stand there, beside a real hub and beside one that only redirects.</summary>
public sealed class ObeyingTests
{
    private static readonly (string Language, string Program, string[] Before)[] Programs = [("sh", "sh", ["-c"]), ("python", "python3", ["-c"]), ("js", "node", ["--input-type=module", "-e"])];

    [Fact]
    public async Task Each_program_obeys_tells_none_from_nothing_and_falls_safe_when_the_hub_dies()
    {
        var hub = await HubAndBroker.StartHubAsync();
        var site = HubAndBroker.NewSite();
        await HubAndBroker.StateAsync(hub, site, new Limits { ImportLimitW = 30_000 }, null, 1);
        var running = Programs.Select(p => Run(p, hub.Address, hub.Tokens.Controller, site)).ToList();
        try
        {
            await SayAsync(running, "limit 30000");
            await HubAndBroker.StateAsync(hub, site, new Limits { ImportLimitW = 0 }, null, 2);
            await SayAsync(running, "limit 0");
            await HubAndBroker.StateAsync(hub, site, new Limits { ExportLimitW = 0 }, null, 3);
            await SayAsync(running, "limit none");
            await hub.DisposeAsync();
            await SayAsync(running, "limit 4200");
        }
        finally
        {
            running.ForEach(r => r.Dispose());
        }
    }

    [Fact]
    public async Task No_program_takes_another_page_for_no_limit()
    {
        using var listener = new HttpListener();
        var port = TestPorts.Next();
        listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        listener.Start();
        var asked = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var serving = RedirectAsync(listener, asked);
        var running = Programs.Select(p => Run(p, new Uri($"http://127.0.0.1:{port}"), "token", p.Language)).ToList();
        try
        {
            await Until.HoldsAsync(() => Programs.All(p => asked.GetValueOrDefault(p.Language) >= 3));
            Assert.All(running, r => Assert.Equal(["limit 4200"], r.Lines));
        }
        finally
        {
            running.ForEach(r => r.Dispose());
            listener.Stop();
            await serving;
        }
    }

    private static async Task RedirectAsync(HttpListener listener, ConcurrentDictionary<string, int> asked)
    {
        try
        {
            while (true)
            {
                var context = await listener.GetContextAsync();
                var path = context.Request.Url!.AbsolutePath.Split('/');
                var isSite = path.Length > 3;
                context.Response.StatusCode = isSite ? 302 : 200;
                if (isSite)
                {
                    asked.AddOrUpdate(path[3], 1, (_, count) => count + 1);
                    context.Response.RedirectLocation = "/";
                }

                context.Response.Close();
            }
        }
        catch (Exception over) when (over is HttpListenerException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private static Task SayAsync(List<RunningProgram> running, string line) => Until.HoldsAsync(
        () => running.All(r => r.Lines is [.., var last] && last == line), () => Task.FromResult(string.Join(" | ", running.Select(r => string.Join(", ", r.Lines)))));

    private static RunningProgram Run((string Language, string Program, string[] Before) program, Uri hub, string token, string site)
    {
        var text = Snippet(program.Language);
        var start = new ProcessStartInfo(program.Program, [.. program.Before, text]) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var (name, value) in new[] { ("HUB", hub.ToString().TrimEnd('/')), ("TOKEN", token), ("SITE", site), ("FAILSAFE_W", "4200"), ("STALE_S", "3"), ("PERIOD_S", "0.2") })
        {
            start.Environment[name] = value;
        }

        return new RunningProgram(start);
    }

    private static string Snippet(string language)
    {
        var page = File.ReadAllText(RepositoryFiles.Path("docs", "obey-without-an-sdk.md"));
        var begin = page.IndexOf($"```{language}\n", StringComparison.Ordinal) + language.Length + 4;
        return page[begin..page.IndexOf("```", begin, StringComparison.Ordinal)];
    }

    private sealed class RunningProgram : IDisposable
    {
        private readonly Process process;
        private readonly ConcurrentQueue<string> lines = new();

        public RunningProgram(ProcessStartInfo start)
        {
            process = Process.Start(start)!;
            process.OutputDataReceived += (_, said) =>
            {
                if (said.Data is { } line)
                {
                    lines.Enqueue(line);
                }
            };
            process.BeginOutputReadLine();
        }

        public IReadOnlyList<string> Lines => [.. lines];

        public void Dispose()
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
        }
    }
}
