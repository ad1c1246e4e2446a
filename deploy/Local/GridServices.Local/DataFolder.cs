namespace GridServices.Local;

/// <summary>The folder that everything of one running system lives under; held by one run at a time.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream _held;

    private DataFolder(string root, FileStream held) => (Root, _held) = (root, held);

    public string Root { get; }

    public string TokensFile => Path.Combine(Root, "tokens.json");

    public string HashedTokensFile => Path.Combine(Root, "tokens.sha256.json");

    /// <summary>Written by Operations, watched by the services.</summary>
    public string ControllerTokensFile => Path.Combine(Root, "controller-tokens.sha256.json");

    /// <exception cref="LaunchException">The folder can't be made or written, or another run holds it.</exception>
    public static DataFolder Open(string path)
    {
        var root = Path.GetFullPath(path);
        try
        {
            EnsureFolder(Path.Combine(root, "logs"));
            return new DataFolder(root, new FileStream(Path.Combine(root, ".held"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException)
        {
            throw new LaunchException($"Cannot write to {root}: permission denied. Choose another folder with --data DIR.");
        }
        catch (IOException fault)
        {
            throw new LaunchException(File.Exists(Path.Combine(root, ".held"))
                ? $"{root} is in use by another ./run. Stop that one, or choose another folder with --data DIR."
                : $"Cannot use {root}: {fault.Message} Choose another folder with --data DIR.");
        }
    }

    /// <summary>The working folder of one program: its settings file and its store.</summary>
    public string CreateFolder(string program) => EnsureFolder(Path.Combine(Root, program));

    /// <summary>For its owner only: it holds stores, tokens and logs.</summary>
    private static string EnsureFolder(string folder) => OperatingSystem.IsWindows()
        ? Directory.CreateDirectory(folder).FullName
        : Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;

    public string Logs => Path.Combine(Root, "logs");

    public string Log(string name) => Path.Combine(Logs, $"{name}.log");

    /// <summary>A log to append to, for its owner only; each line is written at once.</summary>
    public StreamWriter OpenLog(string name)
    {
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new StreamWriter(Log(name), options) { AutoFlush = true };
    }

    public void Dispose() => _held.Dispose();
}
