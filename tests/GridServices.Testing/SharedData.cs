using Xunit;

namespace GridServices.Testing;

/// <summary>The payload collection that lies beside the checkout (<c>../shared/data</c>), where it exists.</summary>
public static class SharedData
{
    private static readonly string? Root = Find();

    /// <summary>
    /// Full path of a file or folder of the collection. Where the collection is absent the calling test is skipped,
    /// or fails when <c>GRIDSERVICES_REQUIRE_DATA=true</c>: a guard that skips must be able to fail.
    /// </summary>
    public static string Path(string relative)
    {
        var path = Root is null ? null : System.IO.Path.Combine(Root, relative);
        if (path is not null && (File.Exists(path) || Directory.Exists(path)))
        {
            return path;
        }

        var reason = $"../shared/data/{relative} is not beside this checkout";
        Assert.False(string.Equals(Environment.GetEnvironmentVariable("GRIDSERVICES_REQUIRE_DATA"), "true", StringComparison.Ordinal), reason);
        Assert.Skip(reason);
        return string.Empty;
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "GridServices.sln")))
            {
                var data = System.IO.Path.GetFullPath(System.IO.Path.Combine(folder.FullName, "..", "shared", "data"));
                return Directory.Exists(data) ? data : null;
            }
        }

        return null;
    }
}
