using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using GridServices.Contracts;
using GridServices.Testing;

namespace GridServices.EnvelopeHub.Tests;

/// <summary>The hub as a process of its own, which can be stopped.</summary>
internal sealed class HubProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _operator;
    private readonly HttpClient _publisher;
    private readonly ConcurrentQueue<string> _lines = new();
    private long _taken;

    private HubProcess(Process process, Uri url, TestTokens tokens)
    {
        _process = process;
        _operator = Client(url, tokens.Operator);
        _publisher = Client(url, tokens.Publisher);
        Controller = Client(url, tokens.Controller);
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public HttpClient Controller { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>The highest revision that was acknowledged; it is the limit in W too.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    public static HubProcess Start(TestStore store, TestTokens tokens, params string[] arguments)
    {
        var url = new Uri($"http://127.0.0.1:{TestPorts.Next()}");
        var start = OwnSession.Start(
            "dotnet",
            [
                "exec", Path.Combine(AppContext.BaseDirectory, "GridServices.EnvelopeHub.Service.dll"), $"--urls={url}", $"--Auth:TokensFile={tokens.File}",
                "--EnvelopeHub:SettleTime=00:00:00", .. store.Arguments, .. arguments,
            ]);
        return new HubProcess(Process.Start(start)!, url, tokens);
    }

    public bool Says(string words) => _lines.Any(line => line.Contains(words, StringComparison.Ordinal));

    public Task<string> LastWords() => Task.FromResult(string.Join('\n', _lines.TakeLast(20)));

    public Task UntilReadyAsync() => UntilReadyAsync(LastWords);

    /// <param name="otherwise">What is told where it does not get ready.</param>
    public Task UntilReadyAsync(Func<Task<string>> otherwise) =>
        Until.HoldsAsync(async () => (await GetAsync(new Uri("/health/ready", UriKind.Relative))).Status, status => status == HttpStatusCode.OK, otherwise);

    /// <summary>Status null: nobody answered.</summary>
    public async Task<(HttpStatusCode? Status, string Body)> GetAsync(Uri path)
    {
        try
        {
            using var answer = await _operator.GetAsync(path);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
        catch (HttpRequestException)
        {
            return (null, string.Empty);
        }
    }

    /// <summary>Publishes a revision, whose number is its limit; null where it was not taken.</summary>
    public async Task<PublishStatus?> PublishAsync(long revision)
    {
        try
        {
            using var answer = await _publisher.PostAsync(new Uri("/v1/envelopes", UriKind.Relative), HubUnderTest.Batch(Some.Envelope(revision: revision, watts: revision)));
            if (!answer.IsSuccessStatusCode)
            {
                return null;
            }

            var status = Assert.Single((await HubUnderTest.ReadAsync<PublishAnswer>(answer)).Results).Status;
            Interlocked.Exchange(ref _taken, status == PublishStatus.Accepted ? revision : _taken);
            return status;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Publishes one revision after the other until one is not taken.</summary>
    public async Task<long> PublishOnAsync(long from)
    {
        while (await PublishAsync(from) == PublishStatus.Accepted)
        {
            from++;
        }

        return from;
    }

    /// <summary>How much memory it has now; null: not known on this system.</summary>
    public long? Megabytes() => Memory("VmRSS:");

    /// <summary>The most that it had since <see cref="ForgetPeak"/>.</summary>
    public long? PeakMegabytes() => Memory("VmHWM:");

    public void ForgetPeak() => File.WriteAllText($"/proc/{_process.Id}/clear_refs", "5");

    private long? Memory(string what) => !OperatingSystem.IsLinux() ? null
        : long.Parse(File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(what, StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>What the system says of it (T: stopped), and what it said itself last.</summary>
    public async Task<string> Condition() =>
        $"{(_process.HasExited ? "has ended" : File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("State:", StringComparison.Ordinal)))}\n{await LastWords()}";

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _operator.Dispose();
        _publisher.Dispose();
        Controller.Dispose();
    }

    private static HttpClient Client(Uri url, string token)
    {
        var client = new HttpClient(TestConnections.Create()) { BaseAddress = url, Timeout = Until.Ceiling };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
        }
    }
}
