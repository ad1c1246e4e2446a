using Xunit;

namespace GridServices.Testing;

/// <summary>The data of the tests: the folder <c>tests/Data</c>, whose README names the origin and licence of each file.</summary>
/// <remarks>
/// A few files of others may not be carried. Tests that read them ask <see cref="NotCarried"/>, which looks in the folder that
/// <c>GRIDSERVICES_TEST_DATA</c> names, or in <c>../shared/data</c> beside the checkout.
/// </remarks>
public static class TestData
{
    private static readonly string Root = Find();

    /// <summary>Full path of a file or folder that is carried. One that is absent fails the test: it belongs into the repository.</summary>
    public static string Path(string relative)
    {
        var path = System.IO.Path.Combine(Root, "tests", "Data", relative);
        Assert.True(Exists(path), $"tests/Data/{relative} does not exist");
        return path;
    }

    /// <summary>Full path of a file or folder that may not be carried; without it the test is skipped, in continuous integration too.</summary>
    public static string NotCarried(string relative)
    {
        var outside = Environment.GetEnvironmentVariable("GRIDSERVICES_TEST_DATA") is { Length: > 0 } named ? named : System.IO.Path.Combine(Root, "..", "shared", "data");
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(outside, relative));
        if (!Exists(path))
        {
            SkipTest.Because($"{SkipTest.NotCarried} {relative} belongs to others; GRIDSERVICES_TEST_DATA names no folder that has it");
        }

        return path;
    }

    private static bool Exists(string path) => File.Exists(path) || Directory.Exists(path);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "GridServices.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests run outside a checkout.");
    }
}
