using System.Xml.Linq;

namespace GridServices.Architecture.Tests;

/// <summary>The checkout as the tests see it: projects, their references, source files.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs = ["bin", "obj", "node_modules", ".git", ".data", "artifacts"];

    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<ProjectFile> Projects { get; } =
        [.. Files("*.csproj").Select(ProjectFile.Load).OrderBy(p => p.Name, StringComparer.Ordinal)];

    /// <summary>The pure cores and what they stand on: no I/O, no clock, no randomness of their own.</summary>
    public static IEnumerable<ProjectFile> Cores => Projects.Where(p =>
        p.Folder.StartsWith("services/", StringComparison.Ordinal)
        && !p.Name.EndsWith(".Service", StringComparison.Ordinal)
        && p.Name is not ("GridServices.Hosting" or "GridServices.UtilityClients" or "GridServices.Cluster"));

    public static IEnumerable<ProjectFile> Services => Projects.Where(p => p.Name.EndsWith(".Service", StringComparison.Ordinal));

    public static IEnumerable<string> Files(string pattern) =>
        Directory.EnumerateFiles(Root, pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => NotOurs.Contains(part)));

    public static string Read(string relative) => File.ReadAllText(Path.Combine(Root, relative));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "GridServices.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("run the tests inside a checkout: GridServices.sln was not found");
        }

        return folder.FullName;
    }
}

/// <summary>One project with the names of what it references.</summary>
internal sealed record ProjectFile(string Name, string Folder, IReadOnlyList<string> Projects, IReadOnlyList<string> Packages)
{
    public static ProjectFile Load(string relative)
    {
        using var text = new StringReader(Repository.Read(relative));
        var xml = XDocument.Load(text);
        return new ProjectFile(
            Path.GetFileNameWithoutExtension(relative),
            Path.GetDirectoryName(relative)!.Replace('\\', '/'),
            [.. Includes(xml, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')))],
            [.. Includes(xml, "PackageReference")]);
    }

    private static IEnumerable<string> Includes(XDocument xml, string item) =>
        // An analyzer stays with its project: nobody who references that gets it.
        xml.Descendants(item).Where(reference => reference.Attribute("PrivateAssets")?.Value != "all").Select(reference => reference.Attribute("Include")?.Value ?? string.Empty);
}
