using GridServices.Simulators.Vtn;
using GridServices.Simulators.Vtn.Pki;

if (args is ["pki", ..])
{
    return TestPki.Run(args[1..]);
}

if (args.Contains("--help") || args.Contains("-h"))
{
    Console.WriteLine(VtnOptions.Usage);
    return 0;
}

try
{
    await VtnApp.Build(args).RunAsync();
    return 0;
}
catch (SimException wrong)
{
    await Console.Error.WriteLineAsync($"{wrong.Message}\n\n{VtnOptions.Usage}");
    return 2;
}
catch (IOException failed)
{
    await Console.Error.WriteLineAsync($"The simulated VTN can't start: {failed.Message}");
    return 1;
}
