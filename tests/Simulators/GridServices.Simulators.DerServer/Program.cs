using GridServices.Simulators.DerServer;
using GridServices.Simulators.DerServer.Pki;

if (args is ["pki", ..])
{
    return TestPki.Run(args[1..]);
}

if (args.Contains("--help") || args.Contains("-h"))
{
    Console.WriteLine(DerServerOptions.Usage);
    return 0;
}

try
{
    await DerServerApp.Build(args).RunAsync();
    return Environment.ExitCode;
}
catch (SimException wrong)
{
    await Console.Error.WriteLineAsync($"{wrong.Message}\n\n{DerServerOptions.Usage}");
    return 2;
}
catch (IOException failed)
{
    await Console.Error.WriteLineAsync($"The simulated utility can't start: {failed.Message}");
    return 1;
}
