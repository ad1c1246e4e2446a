using System.Diagnostics;
using GridServices.Testing;

namespace GridServices.Adapters.Service.Tests.Clients;

/// <summary>A client of the folder clients, and how its programs are run.</summary>
internal static class ClientLanguage
{
    private static readonly Lazy<Task> TypeScript = new(CompileAsync);

    /// <summary>Python and TypeScript.</summary>
    public static TheoryData<string> All => ["python", "typescript"];

    /// <summary>Its example, which prints a line for each change of what may be drawn; compiled first where that is needed.</summary>
    /// <param name="language">One of <see cref="All"/>.</param>
    /// <param name="hub">Where.</param>
    /// <param name="token">Whose.</param>
    /// <param name="site">Of what.</param>
    /// <param name="more">Further variables of the environment.</param>
    public static async Task<ClientProgram> StartExampleAsync(string language, Uri hub, string token, string site, params (string Name, string Value)[] more)
    {
        var start = await PrepareAsync(language) is var folder && language == "python"
            ? new ProcessStartInfo("python3", ["-B", Path.Combine(folder, "examples", "obey.py")])
            : new ProcessStartInfo("node", [Path.Combine(folder, "dist", "examples", "obey.js")]);
        foreach (var (name, value) in (IEnumerable<(string, string)>)[("HUB", hub.ToString()), ("TOKEN", token), ("SITE", site), ("FAILSAFE_W", "4200"), .. more])
        {
            start.Environment[name] = value;
        }

        return new ClientProgram(start);
    }

    /// <summary>Its own tests; what they said, and whether they passed.</summary>
    public static async Task<(bool Passed, string Said)> TestAsync(string language) => await PrepareAsync(language) is var folder && language == "python"
        ? await RunAsync(folder, "python3", "-B", "-m", "unittest", "discover", "-s", "tests", "-t", ".")
        : await RunAsync(folder, "npm", "test", "--silent");

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(bool Passed, string Said)> RunAsync(string folder, string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        using var deadline = Until.Deadline();
        var (told, complained) = (process.StandardOutput.ReadToEndAsync(deadline.Token), process.StandardError.ReadToEndAsync(deadline.Token));
        var said = await told + await complained;
        await process.WaitForExitAsync(deadline.Token);
        return (process.ExitCode == 0, said);
    }

    private static async Task<string> PrepareAsync(string language)
    {
        if (language == "typescript")
        {
            await TypeScript.Value;
        }

        return RepositoryFiles.Path("clients", language);
    }

    private static async Task CompileAsync()
    {
        var folder = RepositoryFiles.Path("clients", "typescript");
        var (lockFile, installed) = (Path.Combine(folder, "package-lock.json"), Path.Combine(folder, "node_modules", ".package-lock.json"));
        try
        {
            if (!File.Exists(installed) || File.GetLastWriteTimeUtc(installed) < File.GetLastWriteTimeUtc(lockFile))
            {
                var (isInstalled, why) = await RunAsync(folder, "npm", "ci", "--no-audit", "--no-fund", "--silent");
                Assert.True(isInstalled, why);
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            SkipTest.Because("npm is not installed, which the compiler of TypeScript is had with");
        }

        var (isCompiled, said) = await RunAsync(folder, "npm", "run", "build", "--silent");
        Assert.True(isCompiled, said);
    }
}
