using System.Text.RegularExpressions;

namespace GridServices.Architecture.Tests;

public sealed partial class FilesSayWhatTheyAre
{
    private const int LongestProductFile = 350;
    private const int WidestProductLine = 200;

    // Lines that are wider, counted when this was written and rounded up: only ever lowered.
    private const int WiderLines = 803;

    [Fact]
    public void No_file_or_folder_is_named_with_words_that_say_nothing()
    {
        var strays = Repository.Files("*.cs").Concat(Repository.Files("*.csproj")).Where(path => path.Split('/').Any(WordSalad().IsMatch));
        Assert.Empty(strays);
    }

    [Fact]
    public void Product_files_stay_readable_in_one_sitting()
    {
        var strays = Repository.Files("*.cs")
            .Where(path => !path.StartsWith("tests/", StringComparison.Ordinal))
            .Select(path => (path, lines: Repository.Read(path).Count(c => c == '\n')))
            .Where(file => file.lines > LongestProductFile);
        Assert.Empty(strays);
    }

    [Fact]
    public void Product_lines_that_are_wider_than_a_screen_become_fewer()
    {
        var wide = (from path in Repository.Files("*.cs")
                    where !path.StartsWith("tests/", StringComparison.Ordinal)
                    from line in Repository.Read(path).Split('\n').Select((text, i) => (Text: text.TrimEnd('\r'), Number: i + 1))
                    where line.Text.Length > WidestProductLine
                    orderby line.Text.Length descending
                    select $"{path}:{line.Number} {line.Text.Length}").ToList();
        Assert.True(wide.Count <= WiderLines, $"{wide.Count} lines are wider than {WidestProductLine} columns, {WiderLines} are recorded; wrap the new ones. The widest:\n{string.Join('\n', wide.Take(20))}");
    }

    [Fact]
    public void Every_project_stands_in_the_solution()
    {
        var solution = Repository.Read("GridServices.sln").Replace('\\', '/');
        Assert.DoesNotContain(Repository.Projects, p => !solution.Contains($"{p.Folder}/{p.Name}.csproj", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_project_has_its_lock_file() =>
        Assert.DoesNotContain(Repository.Projects, p => !File.Exists(Path.Combine(Repository.Root, p.Folder, "packages.lock.json")));

    [Fact]
    public void Versions_are_central_and_no_project_pins_its_own()
    {
        var strays = Repository.Files("*.csproj").Where(path => PackageVersion().IsMatch(Repository.Read(path)));
        Assert.Empty(strays);
    }

    [Fact]
    public void Every_relative_link_in_the_documentation_leads_somewhere()
    {
        var broken = from page in Repository.Files("*.md")
                     let folder = Path.GetDirectoryName(Path.Combine(Repository.Root, page))!
                     from Match link in MarkdownLink().Matches(Repository.Read(page))
                     let target = Uri.UnescapeDataString(link.Groups["target"].Value.Split('#')[0])
                     where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
                     where !File.Exists(Path.Combine(folder, target)) && !Directory.Exists(Path.Combine(folder, target))
                     select $"{page}: {target}";
        Assert.Empty(broken);
    }

    [Fact]
    public void Services_start_from_a_short_program()
    {
        var strays = Repository.Services.Select(p => $"{p.Folder}/Program.cs").Where(path => Repository.Read(path).Count(c => c == '\n') > 40);
        Assert.Empty(strays);
    }

    [GeneratedRegex("(Manager|Helper|Utils?|Common|Misc)s?(\\.|$)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WordSalad();

    [GeneratedRegex("<PackageReference[^>]*\\sVersion(Override)?=", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PackageVersion();

    [GeneratedRegex(@"\[[^\]]*\]\((?<target>[^)\s]+)\)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MarkdownLink();
}
