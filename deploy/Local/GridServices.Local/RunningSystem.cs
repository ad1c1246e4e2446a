using System.Diagnostics;
using System.Runtime.InteropServices;
using GridServices.Local.Feed;

namespace GridServices.Local;

/// <summary>Starts the programs in order, waits until they answer, tells what happens, and stops them on Ctrl-C.</summary>
internal sealed class RunningSystem(Topology topology, DataFolder folder, Terminal terminal) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Unusual = TimeSpan.FromSeconds(15);
    private static readonly string[] WarningLevels = [" warn: ", " fail: ", " crit: "];
    private readonly List<ChildProcess> _children = [];
    private readonly SiteNames _names = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly CancellationTokenSource _stopping = new();
    private readonly HttpClient _http = new() { Timeout = Patience };
    private readonly HashSet<ChildProcess> _gone = [];
    private bool _isRunning;

    public async Task<int> RunAsync(Options options, Tokens tokens)
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        try
        {
            Console.WriteLine($"Starting {topology.Programs.Count} programs; their logs: {folder.Logs} …");
            await StartAsync(options.Bare ? Task.CompletedTask : Demo.CreatePkiAsync(topology, _stopping.Token));
            var api = new ServiceApi(_http, topology, tokens);
            await LeftOut.RemoveAsync(api, options.Without, _stopping.Token);
            if (!options.Bare)
            {
                await Task.WhenAll(
                    Demo.EnrollAsync(api, topology, _stopping.Token),
                    topology.Has("operations") ? OperationsDemo.EnrollAsync(api, topology, _stopping.Token) : Task.CompletedTask);
            }

            Welcome.Print(topology, folder, tokens, _clock.Elapsed);
            Console.WriteLine(options.Bare ? await Welcome.DescribeBareAsync(api, _stopping.Token) : Welcome.Demo);
            _isRunning = true;
            return await WatchAsync(new Views(api, topology, terminal, _names));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return 0;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_children.Count > 0)
        {
            Console.WriteLine("Stopping …");
        }

        // Last started first: the site controller sees the hub until its own end.
        foreach (var child in Enumerable.Reverse(_children))
        {
            await child.DisposeAsync();
        }

        if (_children.Count > 0)
        {
            Console.WriteLine($"Stopped. It ran for {Words.Lasting(_clock.Elapsed)}; the data is kept in {folder.Root} for the next start.");
        }

        if (_isRunning)
        {
            terminal.Summarize();
        }

        _http.Dispose();
        _stopping.Dispose();
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _stopping.Cancel();
    }

    /// <summary>All at once, but those that lean on another: they start when it is ready; those that speak TLS when there are certificates.</summary>
    private async Task StartAsync(Task certificates)
    {
        var ready = new Dictionary<string, Task>(StringComparer.Ordinal);
        foreach (var program in topology.Programs)
        {
            var needed = program.After is { } other ? ready[other] : program.TlsPort is null ? Task.CompletedTask : certificates;
            ready[program.Name] = StartAsync(program, needed);
        }

        await Task.WhenAll([certificates, .. ready.Values]);
    }

    private async Task StartAsync(LocalProgram program, Task needed)
    {
        await needed;
        _stopping.Token.ThrowIfCancellationRequested();
        var child = ChildProcess.Start(topology, program, folder, OnOutputLine);
        lock (_children)
        {
            _children.Add(child);
        }

        await ReadyAsync(child);
    }

    private void OnOutputLine(LocalProgram program, string line)
    {
        // What it says of its own end is in its log.
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        if (program.Cluster is not null && ClusterNodes.Read(program, line) is { } news)
        {
            terminal.Show(news);
        }

        if (program.Speech == OutputAudience.Log)
        {
            if (WarningLevels.Any(level => line.Contains(level, StringComparison.Ordinal)))
            {
                terminal.CountWarning(program.Name);
            }

            return;
        }

        var change = SimulatorLines.Read(program.Name, line, _names.FindSite);
        terminal.Show(program.Speech == OutputAudience.Details ? change with { Weight = ChangeWeight.Detail } : change);
    }

    private async Task<int> WatchAsync(Views views)
    {
        _ = views.RunAsync(_stopping.Token);
        _ = terminal.ShowHeldBackAsync(_stopping.Token);
        ChildProcess ended;
        do
        {
            ended = await await Task.WhenAny(_children.Where(child => !_gone.Contains(child)).Select(EndedAsync));
            if (_stopping.IsCancellationRequested)
            {
                return 0;
            }

            _gone.Add(ended);
        }
        while (IsCarriedOn(ended.Program));

        throw new LaunchException($"{ended.Program.Title} ended by itself. The last lines of its log ({ended.LogFile}):\n{await ended.LastWordsAsync()}");
    }

    /// <summary>Other instances of the service go on with its work.</summary>
    private bool IsCarriedOn(LocalProgram ended)
    {
        if (ended.Cluster is not { } cluster || !_children.Any(child => child.Program.Cluster == cluster && !child.HasExited))
        {
            return false;
        }

        terminal.Show(new Change("cluster", null, ended.Name, $"{ClusterNodes.GetName(ended)} has ended; the other nodes take over what it ran") { Weight = ChangeWeight.Alarm });
        return true;
    }

    private async Task<ChildProcess> EndedAsync(ChildProcess child)
    {
        await child.WaitForExitAsync(_stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return child;
    }

    private async Task ReadyAsync(ChildProcess child)
    {
        var waited = Stopwatch.StartNew();
        var isTold = false;
        while (!await AnswersAsync(child.Program))
        {
            if (child.HasExited)
            {
                throw new LaunchException($"{child.Program.Title} did not start:\n{await child.LastWordsAsync()}");
            }

            if (waited.Elapsed > Patience)
            {
                throw new LaunchException($"{child.Program.Title} gave no answer at {child.Program.Url}{child.Program.Health} within {Patience.TotalSeconds:0} s. See {child.LogFile}.");
            }

            if (!isTold && waited.Elapsed > Unusual)
            {
                isTold = true;
                Console.WriteLine($"  {child.Program.Title} takes longer than usual; waiting for it …");
            }

            await Task.Delay(50, _stopping.Token);
        }
    }

    private async Task<bool> AnswersAsync(LocalProgram program)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(program.Url + program.Health), HttpCompletionOption.ResponseHeadersRead, _stopping.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException && !_stopping.IsCancellationRequested)
        {
            return false;
        }
    }
}
