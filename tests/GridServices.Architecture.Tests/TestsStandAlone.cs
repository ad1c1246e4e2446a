using System.Text.RegularExpressions;

namespace GridServices.Architecture.Tests;

/// <summary>A clone tests itself: its data is in it, named with origin and licence, and one place decides what may be skipped.</summary>
public sealed partial class TestsStandAlone
{
    private const long LargestDataBytes = 15_000_000;
    private const string TheOnePlace = "tests/GridServices.Testing/SkipTest.cs";

    private static readonly string Data = Path.Combine(Repository.Root, "tests", "Data");

    [Fact]
    public void Only_one_place_skips_tests()
    {
        var strays = Repository.Files("*.cs").Where(path => path.StartsWith("tests/", StringComparison.Ordinal) && path != TheOnePlace)
            .Where(path => Skips().IsMatch(Repository.Read(path)));
        Assert.Empty(strays);
    }

    [Fact]
    public void Each_folder_of_the_data_is_named_with_its_origin_and_licence()
    {
        var readme = Repository.Read("tests/Data/README.md");
        var folders = Directory.EnumerateDirectories(Data).SelectMany(top => Path.GetFileName(top) is "hostile" or "licences" ? [top] : Directory.EnumerateDirectories(top))
            .Select(folder => Path.GetRelativePath(Data, folder).Replace('\\', '/'));
        Assert.All(folders, folder => Assert.True(
            readme.Contains($"{folder}/", StringComparison.Ordinal) || readme.Contains($"`{Path.GetFileName(folder)}/", StringComparison.Ordinal) || readme.Contains($" `{Path.GetFileName(folder)}", StringComparison.Ordinal), folder));
    }

    [Fact]
    public void The_data_stays_small()
    {
        var bytes = Directory.EnumerateFiles(Data, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
        Assert.InRange(bytes, 1, LargestDataBytes);
    }

    [GeneratedRegex(@"Assert\.Skip|[(,]\s*Skip(When|Unless|Type)?\s*=\s*""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Skips();
}
