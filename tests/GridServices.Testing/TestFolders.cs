namespace GridServices.Testing;

/// <summary>Folders that belong to one test.</summary>
public static class TestFolders
{
    public static string Create() => Directory.CreateTempSubdirectory("gridservices-test-").FullName;

    public static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
