using System.Net.Sockets;
using System.Runtime.InteropServices;
using GridServices.Simulators.SiteController;

if (args.Contains("--help") || args.Contains("-h"))
{
    Console.WriteLine(ControllerOptions.Usage);
    return 0;
}

try
{
    // Not disposed: a second signal may still come while this ends.
    var stop = new CancellationTokenSource();
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    using var site = new SiteProgram(ControllerOptions.Parse(args), Console.Out);
    await site.RunAsync(stop.Token);
    return 0;

    void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        stop.Cancel();
    }
}
catch (FormatException wrong)
{
    await Console.Error.WriteLineAsync($"{wrong.Message}\n\n{ControllerOptions.Usage}");
    return 2;
}
catch (SocketException failed)
{
    await Console.Error.WriteLineAsync($"The status page can't be opened: {failed.Message}. Choose another port with --status.");
    return 1;
}
