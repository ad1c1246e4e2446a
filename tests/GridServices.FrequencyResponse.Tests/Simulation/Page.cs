namespace GridServices.FrequencyResponse.Tests.Simulation;

/// <summary>docs/frequency.md of this checkout.</summary>
internal static class Page
{
    public static string Folder { get; } = Find();

    public static string Text { get; } = File.ReadAllText(Path.Combine(Folder, "frequency.md"));

    public static string Root => Path.GetFullPath(Path.Combine(Folder, ".."));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GridServices.sln")))
            {
                return Path.Combine(folder.FullName, "docs");
            }
        }

        throw new DirectoryNotFoundException("GridServices.sln is in no folder above the tests");
    }
}
