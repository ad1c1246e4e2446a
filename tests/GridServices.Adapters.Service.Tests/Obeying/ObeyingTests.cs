using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Contracts;
using GridServices.Testing;

namespace GridServices.Adapters.Service.Tests.Obeying;

/// <summary>The programs of docs/obey-without-an-sdk.md as they stand there, beside a real hub and beside one whose answers mislead.</summary>
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
            await HubAndBroker.StateAsync(hub, site, new Limits { Connect = false }, null, 4);
            await SayAsync(running, "limit 0");
            await hub.DisposeAsync();
            await SayAsync(running, "limit 4200");
        }
        finally
        {
            running.ForEach(r => r.Dispose());
        }
    }

    [Fact]
    public async Task No_program_takes_another_page_or_an_answer_that_is_cut_off_for_no_limit()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var over = new CancellationTokenSource();
        var serving = MisleadAsync(listener, over.Token);
        var hub = new Uri($"http://{listener.LocalEndpoint}");
        var running = Programs.Select(p => Run(p, hub, "token", p.Language)).ToList();
        try
        {
            await SayAsync(running, "limit 1");
            Assert.All(running, r => Assert.Equal(["limit 4200", "limit 1"], r.Lines.Take(2)));
        }
        finally
        {
            await over.CancelAsync();
            await serving;
            running.ForEach(r => r.Dispose());
        }
    }

    // For each site one misleading answer after the other, then a good one for ever; elsewhere a page without a word.
    private static async Task MisleadAsync(TcpListener listener, CancellationToken ct)
    {
        string[] misleading =
        [
            "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
            "SSH-2.0-OpenSSH_9.2\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX-Limit: stated\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX-Limit: stated\r\nContent-Length: 5\r\nConnection: close\r\n\r\nnone!",
        ];
        var asked = new Dictionary<string, int>(StringComparer.Ordinal);
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(ct);
                await AnswerAsync(client);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }

        async Task AnswerAsync(TcpClient client)
        {
            try
            {
                using var reader = new StreamReader(client.GetStream());
                var path = (await reader.ReadLineAsync(ct) ?? string.Empty).Split(' ').ElementAtOrDefault(1) ?? string.Empty;
                while (await reader.ReadLineAsync(ct) is { Length: > 0 })
                {
                    // The rest of the request: whoever closes before it was read resets the connection.
                }

                var count = asked[path] = asked.GetValueOrDefault(path) + 1;
                var text = path == "/" ? string.Empty : "1";
                var told = path == "/" ? string.Empty : "X-Limit: stated\r\n";
                var answer = path != "/" && count <= misleading.Length ? misleading[count - 1] : $"HTTP/1.1 200 OK\r\n{told}Content-Length: {text.Length}\r\nConnection: close\r\n\r\n{text}";
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer), ct);
            }
            catch (IOException)
            {
                // It did not wait for so long, on a busy machine; it comes again.
            }
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
