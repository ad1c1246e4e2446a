using System.Diagnostics;
using System.Text.Json;
using GridServices.Testing;

namespace GridServices.Contract.Tests;

/// <summary>The bill of materials of every program says what its lock file says: nothing is left out, and each with version, hash and licence.</summary>
public sealed class SbomTests
{
    [Fact]
    public async Task Every_program_has_one_with_every_package_of_its_lock_file()
    {
        var folder = TestFolders.Create();
        await MakeAsync(folder);
        var programs = Programs();
        Assert.True(programs.Count >= 8, $"only {programs.Count} programs were found");
        Assert.Equal(programs.Select(p => p.Name).Order(StringComparer.Ordinal), Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f).Replace(".cdx.json", string.Empty, StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.All(programs, program => Demand(Path.Combine(folder, program.Name + ".cdx.json"), program.Lock));
        TestFolders.Remove(folder);
    }

    [Fact]
    public async Task The_same_commit_gives_the_same_bytes()
    {
        var (one, two) = (TestFolders.Create(), TestFolders.Create());
        await MakeAsync(one);
        await MakeAsync(two);
        Assert.All(Directory.EnumerateFiles(one), file => Assert.Equal(File.ReadAllText(file), File.ReadAllText(Path.Combine(two, Path.GetFileName(file)))));
        TestFolders.Remove(one);
        TestFolders.Remove(two);
    }

    private static void Demand(string bill, string lockFile)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(bill));
        var root = document.RootElement;
        Assert.Equal(("CycloneDX", "1.6"), (root.GetProperty("bomFormat").GetString(), root.GetProperty("specVersion").GetString()));
        Assert.Matches("^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$", root.GetProperty("serialNumber").GetString());
        var listed = root.GetProperty("components").EnumerateArray().Where(c => c.TryGetProperty("purl", out _)).ToDictionary(c => c.GetProperty("purl").GetString()!, StringComparer.Ordinal);
        var locked = Locked(lockFile);
        Assert.NotEmpty(locked);
        Assert.Equal(locked.Keys.Order(StringComparer.Ordinal), listed.Keys.Order(StringComparer.Ordinal));
        foreach (var (purl, hash) in locked)
        {
            Assert.Equal(Convert.ToHexStringLower(Convert.FromBase64String(hash)), listed[purl].GetProperty("hashes")[0].GetProperty("content").GetString());
            Assert.True(listed[purl].TryGetProperty("licenses", out var licences) && licences.GetArrayLength() > 0, $"{purl} states no licence");
        }

        // Who needs what is about components that are there.
        var refs = root.GetProperty("components").EnumerateArray().Select(c => c.GetProperty("bom-ref").GetString()!).ToHashSet(StringComparer.Ordinal);
        Assert.All(root.GetProperty("dependencies").EnumerateArray().SelectMany(d => d.GetProperty("dependsOn").EnumerateArray()), needed => Assert.Contains(needed.GetString()!, refs));
    }

    private static Dictionary<string, string> Locked(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(file));
        return document.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(target => target.Value.EnumerateObject())
            .Where(package => package.Value.GetProperty("type").GetString() != "Project")
            .DistinctBy(package => package.Name, StringComparer.Ordinal)
            .ToDictionary(package => $"pkg:nuget/{package.Name}@{package.Value.GetProperty("resolved").GetString()}", package => package.Value.GetProperty("contentHash").GetString()!, StringComparer.Ordinal);
    }

    private static IReadOnlyList<(string Name, string Lock)> Programs() =>
    [
        .. new[] { "services", "deploy" }.SelectMany(folder => Directory.EnumerateFiles(RepositoryFiles.Path(folder), "*.csproj", SearchOption.AllDirectories))
            .Where(project => File.Exists(Path.Combine(Path.GetDirectoryName(project)!, "Program.cs")))
            .Select(project => (Path.GetFileNameWithoutExtension(project), Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json"))),
    ];

    private static async Task MakeAsync(string folder)
    {
        using var making = Process.Start(new ProcessStartInfo(RepositoryFiles.Path("deploy", "sbom.sh"), [folder]) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        var said = making.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var wrong = await making.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.True(await Until.EndsAsync(making) && making.ExitCode == 0, $"{await said}\n{wrong}");
    }
}
