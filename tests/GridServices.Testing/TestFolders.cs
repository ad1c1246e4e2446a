namespace GridServices.Testing;

/// <summary>Folders that belong to one test.</summary>
public static class TestFolders
{
    public static string Create() => Directory.CreateTempSubdirectory("gridservices-test-").FullName;

    /// <summary>Also where a job that outlived its service's stop still writes a file there.</summary>
    public static void Remove(string folder)
    {
        const int mostTries = 1_000;
        for (var tries = 1; Directory.Exists(folder); tries++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException) when (tries < mostTries)
            {
                Thread.Yield();
            }
        }
    }
}
