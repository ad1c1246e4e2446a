using GridServices.Local;

try
{
    var options = Options.Parse(args);
    // :: 1 where things live   :: 2 who may call   :: 3 what runs where   :: 4 start, tell, stop
    using var folder = DataFolder.Open(options.Data);
    var tokens = Tokens.LoadOrCreate(folder, options.Sites);
    var topology = Topology.Create(options, folder, tokens);
    await Leftovers.StopAsync(folder);
    topology.RequireFreePorts();
    using var terminal = new Terminal(folder, options.Verbosity);
    await using var system = new RunningSystem(topology, folder, terminal);
    return await system.RunAsync(options, tokens);
}
catch (Exception fault) when (fault is LaunchException or HttpRequestException or TimeoutException or TaskCanceledException)
{
    await Console.Error.WriteLineAsync(fault.Message);
    return 1;
}
