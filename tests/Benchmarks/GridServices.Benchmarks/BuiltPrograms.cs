namespace GridServices.Benchmarks;

/// <summary>Where the programs of this checkout were built.</summary>
internal static class BuiltPrograms
{
    /// <summary>Full path of a project's assembly, in the configuration that the benchmarks were built in.</summary>
    public static string Path(string project)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        var folder = output;
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "GridServices.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("run the benchmarks from a checkout");
        }

        return System.IO.Path.Combine(folder.FullName, project, "bin", output.Parent!.Name, "net10.0", System.IO.Path.GetFileName(project) + ".dll");
    }
}
