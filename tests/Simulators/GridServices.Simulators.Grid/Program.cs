using GridServices.Simulators.Grid;
using GridServices.Simulators.Grid.Plots;

if (args.Contains("--help") || args.Contains("-h"))
{
    Console.WriteLine(GridOptions.Usage);
    return 0;
}

try
{
    if (args is ["plots", "--out", var folder])
    {
        return DocumentationPlots.Write(folder);
    }

    await GridApp.Build(args).RunAsync();
    return 0;
}
catch (SimException wrong)
{
    await Console.Error.WriteLineAsync($"{wrong.Message}\n\n{GridOptions.Usage}");
    return 2;
}
catch (IOException failed)
{
    await Console.Error.WriteLineAsync($"The simulated grid can't start: {failed.Message}");
    return 1;
}
