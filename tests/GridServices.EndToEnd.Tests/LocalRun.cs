using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace GridServices.EndToEnd.Tests;

/// <summary>One run of the launcher, as <c>./run</c> starts it: real processes, real sockets, its own data folder.</summary>
internal sealed class LocalRun : IAsyncDisposable
{
    private readonly Process launcher;
    private readonly ConcurrentQueue<string> lines = new();
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private LocalRun(Process launcher, string data, int firstPort)
    {
        (this.launcher, Data, FirstPort) = (launcher, data, firstPort);
        launcher.OutputDataReceived += (_, line) => Keep(line.Data);
        launcher.ErrorDataReceived += (_, line) => Keep(line.Data);
        launcher.BeginOutputReadLine();
        launcher.BeginErrorReadLine();
    }

    public string Data { get; }

    public int FirstPort { get; }

    public Uri Hub => At(0);

    public Uri OpenAdr => At(10);

    public Uri Vtn => At(80);

    public Uri SiteController => At(81);

    public IEnumerable<string> Lines => lines;

    public static string NewDataFolder() => Directory.CreateTempSubdirectory("gridservices-e2e-").FullName;

    public static LocalRun Start(string data, int firstPort, params string[] options)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Assembly(), "--data", data, "--ports", firstPort.ToString(CultureInfo.InvariantCulture), .. options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return new LocalRun(Process.Start(start)!, data, firstPort);
    }

    /// <summary>A block of ports that is free now.</summary>
    public static int FreePorts()
    {
        for (var first = 20_000 + (Environment.ProcessId % 200 * 100); first < 60_000; first += 100)
        {
            if (Enumerable.Range(first, 90).Where(p => p % 10 < 7).All(IsFree))
            {
                return first;
            }
        }

        throw new InvalidOperationException("no free block of ports on this machine");
    }

    /// <summary>Waits until a line holds the text; fails with all that was said instead.</summary>
    public async Task<string> SaysAsync(string text, int seconds = 60)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(seconds))
        {
            if (lines.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } found)
            {
                return found;
            }

            if (launcher.HasExited)
            {
                break;
            }

            await Task.Delay(50);
        }

        Assert.Fail($"'{text}' was not said within {seconds} s. Said:\n{string.Join('\n', lines)}");
        return string.Empty;
    }

    public Task ReadyAsync() => SaysAsync("GridServices runs");

    public string Token(string role)
    {
        using var tokens = JsonDocument.Parse(File.ReadAllText(Path.Combine(Data, "tokens.json")));
        return tokens.RootElement.GetProperty(role).GetString()!;
    }

    /// <summary>Sends with the role's token (none when null); gives status and body.</summary>
    public async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpMethod method, Uri uri, string? role, string? body = null, string mediaType = "application/json")
    {
        using var request = new HttpRequestMessage(method, uri);
        if (role is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token(role));
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, mediaType);
        }

        using var answer = await http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task<JsonElement> GetAsync(Uri uri, string? role = null)
    {
        var (status, body) = await SendAsync(HttpMethod.Get, uri, role);
        Assert.True(status == HttpStatusCode.OK, $"GET {uri}: {(int)status} {body}");
        using var document = JsonDocument.Parse(body);
        return document.RootElement.Clone();
    }

    /// <summary>Asks for something until it holds; fails with the last answer instead.</summary>
    public static async Task<T> EventuallyAsync<T>(Func<Task<T>> ask, Func<T, bool> holds, int seconds = 30)
    {
        var clock = Stopwatch.StartNew();
        var answer = await ask();
        while (!holds(answer) && clock.Elapsed < TimeSpan.FromSeconds(seconds))
        {
            await Task.Delay(100);
            answer = await ask();
        }

        Assert.True(holds(answer), $"did not come to hold within {seconds} s; last answer: {answer}");
        return answer;
    }

    /// <summary>Ctrl-C, as far as a program can tell; gives the exit code.</summary>
    public async Task<int> StopAsync(string signal = "-TERM")
    {
        using (var kill = Process.Start("kill", [signal, launcher.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await launcher.WaitForExitAsync(patience.Token);
        return launcher.ExitCode;
    }

    public async Task<int> EndedAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await launcher.WaitForExitAsync(patience.Token);
        return launcher.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!launcher.HasExited)
        {
            await StopAsync();
        }

        launcher.Dispose();
        http.Dispose();
    }

    private static string Assembly()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        var root = output;
        while (!File.Exists(Path.Combine(root.FullName, "GridServices.sln")))
        {
            root = root.Parent!;
        }

        return Path.Combine(root.FullName, "deploy", "Local", "GridServices.Local", "bin", output.Parent!.Name, "net10.0", "GridServices.Local.dll");
    }

    private static bool IsFree(int port)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public Uri At(int offset) => new($"http://127.0.0.1:{FirstPort + offset}");

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }
}
