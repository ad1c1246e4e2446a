using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests;

/// <summary>One run of the launcher, as <c>./run</c> starts it: real processes, real sockets, its own data folder.</summary>
internal sealed class LocalRun : IAsyncDisposable
{
    private readonly Process launcher;
    private readonly ConcurrentQueue<string> lines = new();
    private readonly HttpClient http = new(TestConnections.Create()) { Timeout = Until.Ceiling };

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

    /// <summary>Without Operations: starting it costs as much as two other services. <see cref="StartAll"/> is for what needs it.</summary>
    public static LocalRun Start(string data, int firstPort, params string[] options) => StartAll(data, firstPort, ["--without", "operations", .. options]);

    public static LocalRun StartAll(string data, int firstPort, params string[] options)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Assembly(), "--data", data, "--ports", firstPort.ToString(CultureInfo.InvariantCulture), .. options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return new LocalRun(Process.Start(start)!, data, firstPort);
    }

    /// <summary>Waits until a line holds all the texts; fails with all that was said instead.</summary>
    public Task<string> SaysAsync(params string[] texts) => SaysAsync(1, texts);

    /// <summary>As the other, for so many times the usual patience: for what rounds of several minutes bring about.</summary>
    public async Task<string> SaysAsync(int patience, string[] texts)
    {
        var text = string.Join(" … ", texts);
        var begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < (patience - 1) * Until.Ceiling && Said(texts) is null && !launcher.HasExited)
        {
            await Task.Delay(50);
        }

        await Until.HoldsAsync(() => Said(texts) is not null || launcher.HasExited, () => Task.FromResult($"'{text}' was not said. Said:\n{string.Join('\n', lines)}"));
        var found = Said(texts);
        Assert.True(found is not null, $"'{text}' was not said before the end. Said:\n{string.Join('\n', lines)}");
        return found;
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

        if (method == HttpMethod.Delete)
        {
            request.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
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
    public static Task<T> EventuallyAsync<T>(Func<Task<T>> ask, Func<T, bool> holds) => Until.HoldsAsync(ask, holds);

    /// <summary>Ctrl-C, as far as a program can tell; gives the exit code.</summary>
    public async Task<int> StopAsync(string signal = "-TERM")
    {
        using (var kill = Process.Start("kill", [signal, launcher.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        using var patience = Until.Deadline();
        await launcher.WaitForExitAsync(patience.Token);
        return launcher.ExitCode;
    }

    public async Task<int> EndedAsync()
    {
        using var patience = Until.Deadline();
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

    /// <summary>The checkout.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "GridServices.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }

    private static string Assembly() =>
        Path.Combine(Root, "deploy", "Local", "GridServices.Local", "bin", new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name, "net10.0", "GridServices.Local.dll");

    public Uri At(int offset) => new($"http://127.0.0.1:{FirstPort + offset}");

    private string? Said(string[] texts) => lines.FirstOrDefault(line => Array.TrueForAll(texts, text => line.Contains(text, StringComparison.Ordinal)));

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }
}
