using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GridServices.Local;

/// <summary>Starts the programs in order, waits until they answer, tells what happens, and stops them on Ctrl-C.</summary>
internal sealed class RunningSystem(Topology topology, DataFolder folder) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly List<ChildProcess> children = [];
    private readonly CancellationTokenSource stopping = new();
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(20) };

    public async Task<int> RunAsync(Options options, Tokens tokens)
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        var clock = Stopwatch.StartNew();
        try
        {
            Console.WriteLine($"Starting {string.Join(", ", topology.Programs.Select(p => p.Title))} …");
            if (!options.Bare)
            {
                await Demo.MakePkiAsync(topology, stopping.Token);
            }

            await StartAsync(topology.Programs.Where(program => program.After is null));
            await StartAsync(topology.Programs.Where(program => program.After is not null));
            var api = new ServiceApi(http, topology, tokens);
            if (!options.Bare)
            {
                await Demo.EnrollAsync(api, topology, stopping.Token);
            }

            Welcome(options, tokens, clock.Elapsed);
            return await WatchAsync([new OpenAdrView(api), new DerView(api), new DemandView(api), new FrequencyView(api)]);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return 0;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (children.Count > 0)
        {
            Console.WriteLine("Stopping …");
        }

        // Last started first: the site controller sees the hub until its own end.
        foreach (var child in Enumerable.Reverse(children))
        {
            await child.DisposeAsync();
        }

        if (children.Count > 0)
        {
            Console.WriteLine($"Stopped. The data is kept in {folder.Root}.");
        }

        http.Dispose();
        stopping.Dispose();
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        stopping.Cancel();
    }

    private Task StartAsync(IEnumerable<LocalProgram> programs)
    {
        ChildProcess[] started = [.. programs.Select(program => ChildProcess.Start(topology, program, folder))];
        children.AddRange(started);
        return Task.WhenAll(started.Select(ReadyAsync));
    }

    private async Task<int> WatchAsync(IReadOnlyList<ServiceView> views)
    {
        foreach (var view in views)
        {
            _ = view.TellAsync(stopping.Token);
        }

        var ended = await await Task.WhenAny(children.Select(EndedAsync));
        if (stopping.IsCancellationRequested)
        {
            return 0;
        }

        throw new LocalFault($"{ended.Program.Title} ended by itself. Its last words ({ended.LogFile}):\n{await ended.LastWordsAsync()}");
    }

    private async Task<ChildProcess> EndedAsync(ChildProcess child)
    {
        await child.WaitForExitAsync(stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return child;
    }

    private async Task ReadyAsync(ChildProcess child)
    {
        var waited = Stopwatch.StartNew();
        while (!await AnswersAsync(child.Program))
        {
            if (child.HasExited)
            {
                throw new LocalFault($"{child.Program.Title} did not start:\n{await child.LastWordsAsync()}");
            }

            if (waited.Elapsed > Patience)
            {
                throw new LocalFault($"{child.Program.Title} gave no answer at {child.Program.Url}{child.Program.Health} within {Patience.TotalSeconds:0} s. See {child.LogFile}.");
            }

            await Task.Delay(50, stopping.Token);
        }
    }

    private async Task<bool> AnswersAsync(LocalProgram program)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(program.Url + program.Health), HttpCompletionOption.ResponseHeadersRead, stopping.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException && !stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Welcome(Options options, Tokens tokens, TimeSpan took)
    {
        Console.WriteLine($"\nGridServices runs (ready after {took.TotalSeconds:0.0} s).");
        foreach (var program in topology.Programs)
        {
            Console.WriteLine($"  {program.Title,-26} {program.Url}");
        }

        Console.WriteLine($"""

              Data, settings, logs   {folder.Root}
              Tokens                 {folder.TokensFile}
              What a site may do     curl -sH "Authorization: Bearer {tokens.Controller}" {topology.Hub.Url}/v1/sites/{Topology.DemoSite}/effective
              2030.5 clients         curl -sH "Authorization: Bearer {tokens.Operator}" {topology["ieee2030-5"].Url}/v1/clients
              VENs                   curl -sH "Authorization: Bearer {tokens.Operator}" {topology["openadr"].Url}/v1/vens
            """);
        Console.WriteLine(options.Bare
            ? "\nNo utility is connected yet: README.md, \"Connect a real utility\", shows the one request that does it. Ctrl-C stops all.\n"
            : "\nNow watch: the simulated utility sends events, the site controller obeys. Ctrl-C stops all.\n");
    }
}
