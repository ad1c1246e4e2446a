using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;
using System.Text.Json;

namespace GridServices.Local;

/// <summary>One program of the system: where it is built, what it is told, where it answers.</summary>
/// <param name="Name">Short name: log file, working folder, label of its lines.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Project">Folder of the project below the repository.</param>
/// <param name="Port">Its port on loopback.</param>
/// <param name="Arguments">Its command line.</param>
/// <param name="Secrets">Environment that must not be seen in a process list.</param>
/// <param name="Health">Path that answers 200 once it is ready.</param>
/// <param name="Speech">Whom its standard output is for.</param>
/// <param name="After">The program that must be ready before this one starts; null: start at once.</param>
/// <param name="TlsPort">A second port, where it speaks TLS; null: none.</param>
/// <param name="Cluster">The service that it is one of several instances of; null: it is the only one.</param>
internal sealed record LocalProgram(
    string Name,
    string Title,
    string Project,
    int Port,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Secrets,
    string Health,
    OutputAudience Speech,
    string? After = null,
    int? TlsPort = null,
    string? Cluster = null)
{
    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>By name: certificates are made for it.</summary>
    public string TlsUrl => $"https://localhost:{TlsPort}";
}

/// <summary>Whom a program's standard output is for.</summary>
internal enum OutputAudience
{
    /// <summary>A log; its warnings are counted.</summary>
    Log,

    /// <summary>People, with <c>--verbose</c>: what it tells is shown from its status page.</summary>
    Details,

    /// <summary>People, as it comes.</summary>
    People,
}

/// <summary>Which programs run on which ports, with one generated configuration.</summary>
internal sealed record Topology(string RepositoryRoot, string Configuration, IReadOnlyList<LocalProgram> Programs, string UtilityPki)
{
    public const string DemoSite = "site-1";
    private const long FirstOpenSslWithoutCcm8 = 0x30200000;
    private const int SamplesOffset = 45;
    private const int SetpointsOffset = 86;
    private const string Ieee2030Dot5Project = "services/Ieee2030Dot5/GridServices.Ieee2030Dot5.Service";
    private const string DerServerProject = "tests/Simulators/GridServices.Simulators.DerServer";

    public LocalProgram this[string name] => Programs.First(program => program.Name == name);

    public bool Has(string name) => Programs.Any(program => program.Name == name);

    /// <summary>The instances of a service, the first one first.</summary>
    public IReadOnlyList<LocalProgram> GetNodes(string service) => [this[service], .. Programs.Where(program => program.Cluster == service && program.Name != service)];

    public LocalProgram Hub => this["envelope-hub"];

    public static Topology Create(Options options, DataFolder folder, Tokens tokens)
    {
        var (root, configuration) = FindBuild();
        var first = options.FirstPort;
        var hub = Service("envelope-hub", "EnvelopeHub", "services/EnvelopeHub/GridServices.EnvelopeHub.Service", first, folder, []);
        Dictionary<string, string> hubAccess = new(StringComparer.Ordinal) { ["Hub__Url"] = hub.Url, ["Hub__Token"] = tokens.Publisher };
        var ccm8 = Ccm8Settings(root, configuration);
        IReadOnlyList<LocalProgram> services =
        [
            hub,
            Service("openadr", "OpenAdr", "services/OpenAdr/GridServices.OpenAdr.Service", first + 10, folder, With(hubAccess, TariffsAccess(first, tokens))),
            Service("ieee2030-5", "Ieee2030Dot5", Ieee2030Dot5Project, first + 20, folder, hubAccess) with { Secrets = With(hubAccess, ccm8) },
            Service("tariffs", "Tariffs", "services/Tariffs/GridServices.Tariffs.Service", first + 30, folder, hubAccess),
            Service("frequency-response", "FrequencyResponse", "services/FrequencyResponse/GridServices.FrequencyResponse.Service", first + 40, folder, hubAccess),
            Service("operations", "Operations", "services/Operations/GridServices.Operations.Service", first + 50, folder, With(hubAccess, OperationsAccess(first, tokens, folder))),
        ];
        var pki = Path.Combine(folder.Root, "utility-pki");
        IReadOnlyList<LocalProgram> all = [.. services.SelectMany(service => ClusterNodes.Create(service, options)), .. options.Bare ? [] : Simulators(first + 80, hub, folder, tokens, pki, ccm8)];
        return new Topology(root, configuration, [.. Left(all, options.Without)], pki);
    }

    /// <summary>Where the text says <c>{name}</c>, <c>{name:tls}</c>, <c>{pki}</c> or <c>{port+86}</c>: what they are in this run.</summary>
    public string Fill(string text)
    {
        foreach (var program in Programs)
        {
            text = text.Replace($"{{{program.Name}}}", program.Url, StringComparison.Ordinal).Replace($"{{{program.Name}:tls}}", program.TlsUrl, StringComparison.Ordinal);
        }

        foreach (var offset in new[] { SamplesOffset, SetpointsOffset })
        {
            text = text.Replace($"{{port+{offset}}}", $"{Hub.Port + offset}", StringComparison.Ordinal);
        }

        return text.Replace("{pki}", UtilityPki, StringComparison.Ordinal);
    }

    /// <exception cref="LaunchException">A port is taken; the message names it and the way out.</exception>
    public void RequireFreePorts()
    {
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port).ToHashSet();
        var ports = Programs.SelectMany(program => new[] { (program.Port, program.Title), (Port: program.TlsPort ?? program.Port, program.Title) });
        if (ports.FirstOrDefault(p => taken.Contains(p.Port)) is { Title: not null } clash)
        {
            throw new LaunchException($"Port {clash.Port} ({clash.Title}) is in use by another program. Stop it, or move the whole block with --ports N.");
        }
    }

    public string Assembly(LocalProgram program) =>
        Path.Combine(RepositoryRoot, program.Project, "bin", Configuration, "net10.0", Path.GetFileName(program.Project) + ".dll");

    /// <summary>OpenSSL 3.2 and later count the cipher suite of IEEE 2030.5 as weak; only the programs that need it are told otherwise.</summary>
    private static Dictionary<string, string> Ccm8Settings(string root, string configuration) => OperatingSystem.IsWindows() || SafeEvpPKeyHandle.OpenSslVersion < FirstOpenSslWithoutCcm8
        ? new(StringComparer.Ordinal)
        : new(StringComparer.Ordinal) { ["OPENSSL_CONF"] = Path.Combine(root, Ieee2030Dot5Project, "bin", configuration, "net10.0", "openssl-ccm8.cnf") };

    // The rest of the demonstration leans on the others.
    private static IEnumerable<LocalProgram> Left(IReadOnlyList<LocalProgram> all, IReadOnlyList<string> without) =>
        without.FirstOrDefault(name => name != "operations") is { } needed
            ? throw new LaunchException($"--without {needed}: only 'operations' can be left out.")
            : all.Where(program => !without.Contains(program.Name));

    /// <summary>OpenADR tells utilities the interval data of meters.</summary>
    private static Dictionary<string, string> TariffsAccess(int first, Tokens tokens) => new(StringComparer.Ordinal)
    {
        ["Tariffs__Url"] = $"http://{IPAddress.Loopback}:{first + 30}",
        ["Tariffs__Token"] = tokens.Publisher,
    };

    /// <summary>Operations writes to and reads from every service as an operator.</summary>
    private static Dictionary<string, string> OperationsAccess(int first, Tokens tokens, DataFolder folder)
    {
        var access = new Dictionary<string, string>(StringComparer.Ordinal) { ["Controllers__TokensFile"] = folder.ControllerTokensFile };
        foreach (var (name, offset) in new[] { ("EnvelopeHub", 0), ("OpenAdr", 10), ("Ieee2030Dot5", 20), ("Tariffs", 30), ("FrequencyResponse", 40) })
        {
            access[$"Services__{name}__Url"] = $"http://{IPAddress.Loopback}:{first + offset}";
            access[$"Services__{name}__Token"] = tokens.Operator;
        }

        return access;
    }

    private static Dictionary<string, string> With(Dictionary<string, string> some, Dictionary<string, string> more) =>
        new(some.Concat(more), StringComparer.Ordinal);

    private static LocalProgram Service(string name, string title, string project, int port, DataFolder folder, Dictionary<string, string> secrets)
    {
        var settings = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["Urls"] = $"http://{IPAddress.Loopback}:{port}",
            ["Storage"] = new { Path = folder.CreateFolder(name) },
            ["Auth"] = new { TokensFile = folder.HashedTokensFile, folder.ControllerTokensFile },
        };
        if (secrets.TryGetValue("Hub__Url", out var hubUrl))
        {
            settings["Hub"] = new { Url = hubUrl };
        }

        var file = Path.Combine(folder.CreateFolder(name), "settings.json");
        File.WriteAllText(file, JsonSerializer.Serialize(settings, IndentedJson));
        return new LocalProgram(name, title, project, port, ["--Settings", file], secrets, "/health/ready", OutputAudience.Log);
    }

    private static IReadOnlyList<LocalProgram> Simulators(int first, LocalProgram hub, DataFolder folder, Tokens tokens, string pki, Dictionary<string, string> ccm8) =>
        [Vtn(first), SiteController(first + 1, hub, folder, tokens), DerServer(first + 2, pki, ccm8), Grid(first + 4, hub.Port)];

    private static LocalProgram Vtn(int port) => new(
        "utility",
        "Simulated utility (VTN)",
        "tests/Simulators/GridServices.Simulators.Vtn",
        port,
        ["--http", $"127.0.0.1:{port}", "--vtn-id", "VTN-1", "--poll-freq", "PT2S", "--request-reports", "PT1M", "--script", "demo"],
        new Dictionary<string, string>(StringComparer.Ordinal),
        "/sim/log",
        OutputAudience.People);

    private static LocalProgram DerServer(int port, string pki, Dictionary<string, string> ccm8) => new(
        "der-utility",
        "Simulated utility (2030.5)",
        DerServerProject,
        port,
        [
            "--http", $"127.0.0.1:{port}", "--https", $"127.0.0.1:{port + 1}", "--dialect", "1.3", "--poll-rate", "10", "--script", "demo",
            "--cert", Path.Combine(pki, "server.crt"), "--key", Path.Combine(pki, "server.key"), "--ca", Path.Combine(pki, "serca.crt"),
        ],
        ccm8,
        "/sim/lines",
        OutputAudience.People,
        TlsPort: port + 1);

    private static LocalProgram Grid(int port, int first) => new(
        "grid",
        "Simulated grid (frequency)",
        "tests/Simulators/GridServices.Simulators.Grid",
        port,
        [
            "--http", $"127.0.0.1:{port}", "--modbus", $"127.0.0.1:{port + 1}", "--script", "demo",
            "--samples", $"127.0.0.1:{first + SamplesOffset}", "--setpoints", $"127.0.0.1:{first + SetpointsOffset}",
        ],
        new Dictionary<string, string>(StringComparer.Ordinal),
        "/",
        OutputAudience.People);

    private static LocalProgram SiteController(int port, LocalProgram hub, DataFolder folder, Tokens tokens) => new(
        "site-controller",
        "Simulated site controller",
        "tests/Simulators/GridServices.Simulators.SiteController",
        port,
        ["--hub", hub.Url, "--site", DemoSite, "--status", $"127.0.0.1:{port}", "--state", Path.Combine(folder.CreateFolder("site-controller"), "state.json")],
        new Dictionary<string, string>(StringComparer.Ordinal) { ["GRIDSERVICES_TOKEN"] = tokens.Controller },
        "/",
        OutputAudience.Details,
        After: hub.Name);

    private static (string Root, string Configuration) FindBuild()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        for (var folder = output; folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GridServices.sln")))
            {
                return (folder.FullName, output.Parent!.Name);
            }
        }

        throw new LaunchException("Start with ./run from a checkout of GridServices: GridServices.sln was not found above this program.");
    }

    private static readonly JsonSerializerOptions IndentedJson = new() { WriteIndented = true };
}
