using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Simulators.DerServer;
using GridServices.Simulators.DerServer.Procedures;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Procedures;

/// <summary>The public CSIP-AUS client test procedures, as scripts of our own, played in virtual time against the client's engine.</summary>
public sealed class PublicProcedureTests
{
    /// <summary>Procedures of aggregators, which are told of changes instead of asking.</summary>
    private static readonly string[] Subscribed = ["ALL-14", "ALL-15", "ALL-16", "GEN-05", "GEN-07", "GEN-08", "LOA-05", "LOA-07", "LOA-08"];

    private static readonly (string Name, SimDialect Dialect)[] Versions = [("v1.2", SimDialect.CsipAus12), ("v1.3", SimDialect.CsipAus13)];

    public static TheoryData<string> Names =>
    [
        "ALL-01", "ALL-02", "ALL-03", "ALL-03-REJ", "ALL-05", "ALL-06", "ALL-07", "ALL-08", "ALL-10", "ALL-11", "ALL-12", "ALL-13", "ALL-18", "ALL-19", "ALL-21", "ALL-23", "ALL-25",
        "ALL-25-EXT", "ALL-26", "ALL-27", "ALL-29", "ALT-ALL-29", "ALT-LOA-13", "DRA-01", "DRA-02", "DRD-01", "GEN-01", "GEN-02", "GEN-03", "GEN-09", "GEN-11", "GEN-13", "LOA-01", "LOA-02",
        "LOA-04", "LOA-10", "LOA-11", "MUL-01", "MUL-03", "P-01", "P-03", "PRC-01", "PRC-02", "PRC-03", "SDVN-01", "STO-01", "STO-02", "STO-04", "STO-05",
        .. Subscribed,
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_client_passes_in_every_version_it_is_for(string name)
    {
        var procedure = Script(name);
        SimDialect[] dialects = [.. Versions.Where(v => procedure.TargetVersions.Contains(v.Name, StringComparer.Ordinal)).Select(v => v.Dialect)];
        Assert.NotEmpty(dialects);
        foreach (var dialect in dialects)
        {
            var world = new ProcedureWorld(dialect, CreateConfig(name, dialect), utility => Prepare(utility, name));

            // These two watch usage points being made: they are started as soon as the device is there.
            var run = new ProcedureRun(procedure, world.Utility, name is "STO-01" or "STO-04" ? Duration.Zero : null);
            Site(world, run, name);
            var verdict = world.Play(run, Duration.FromHours(name is "ALL-25-EXT" or "P-03" or "GEN-11" or "LOA-11" ? 80 : 4));
            Assert.True(verdict is { Passed: true }, $"{dialect}: {Story(world, run)}");
        }
    }

    [Fact]
    public void Every_published_procedure_is_played() =>
        Assert.Equal(ScriptNames().Order(StringComparer.Ordinal), Names.Select(n => n.Data).Order(StringComparer.Ordinal));

    [Fact]
    public void Each_script_says_what_the_published_procedure_says()
    {
        var published = TestData.NotCarried("ieee2030-5/test-procedures");
        Assert.All(ScriptNames(), name => Assert.Equal(Facts(Procedure.Read(File.ReadAllText(Path.Combine(published, name + ".yaml")), name)), Facts(Script(name))));
    }

    internal static IReadOnlyList<string> ScriptNames() =>
        [.. Directory.GetFiles(TestData.Path("ieee2030-5/procedures"), "*.json").Select(f => Path.GetFileNameWithoutExtension(f)!)];

    private static Procedure Script(string name)
    {
        var procedure = ProcedureScript.Read(File.ReadAllText(TestData.Path($"ieee2030-5/procedures/{name}.json")));
        Assert.Equal(name, procedure.Name);
        return procedure;
    }

    /// <summary>All but the words for people, one line each.</summary>
    internal static List<string> Facts(Procedure procedure) =>
    [
        $"{string.Join(' ', procedure.TargetVersions)} {procedure.IsImmediate}",
        .. procedure.InitActions.Concat(procedure.Preconditions).Concat(procedure.Actions).Concat(procedure.Criteria).Select(Fact),
        .. procedure.Steps.SelectMany(s => new[] { s.Name, Fact(s.Event) }.Concat(s.Checks.Concat(s.Actions).Select(Fact))),
    ];

    private static string Fact(ProcedurePart part) => $"{part.Type} {Fact(part.Parameters)}";

    // A number, a truth value and their text are the same in YAML; what is said to people is ours.
    private static string Fact(System.Text.Json.Nodes.JsonNode? node) => node switch
    {
        System.Text.Json.Nodes.JsonObject map => string.Join(' ', map.Where(p => p.Key is not "fail_message").Select(p => $"{p.Key}={Fact(p.Value)}")),
        System.Text.Json.Nodes.JsonArray list => $"[{string.Join(", ", list.Select(Fact))}]",
        _ => node?.ToString() ?? string.Empty,
    };

    internal static DerClientConfig CreateConfig(string name, SimDialect dialect) => new()
    {
        ServerUrl = name is "SDVN-01" ? "https://utility.example" : "https://utility.example/dcap",
        Edition = dialect is SimDialect.CsipAus13 ? DerEdition.CsipAus13 : DerEdition.CsipAus12,
        Mode = IsAggregator(name) ? DerMode.Aggregator : DerMode.Direct,
        SiteId = "site-1",
        Devices = name is "P-01" ? [new DerDeviceConfig { SiteId = "site-2", Nmi = "1234567891", Nameplate = Nameplate(name) }] : [],
        Lfdi = ProcedureWorld.LFdi,
        Pen = 12345,
        Pin = IsAggregator(name) ? null : "111115",
        Nmi = "1234567890",
        DeviceCategory = "03FFFFFF",
        Nameplate = Nameplate(name),
        Subscriptions = new DerSubscriptions { NotificationUrl = Subscribed.Contains(name, StringComparer.Ordinal) ? "https://client.example/notifications" : null },
    };

    private static bool IsAggregator(string name) => name is "P-01" || Subscribed.Contains(name, StringComparer.Ordinal);

    private static DerNameplate Nameplate(string name) => new()
    {
        MaxW = ProcedureWorld.MaxW,
        MaxImportW = ProcedureWorld.MaxW,
        MaxVA = 10_000,
        MaxVar = 4_400,
        MaxChargeW = 5_000,
        MaxDischargeW = 5_000,
        MaxWh = 13_500,
        MinWh = 1_000,
        NominalV = 230,
        DemandResponse = name.StartsWith("DR", StringComparison.Ordinal),
    };

    private static void Prepare(SimulatedUtility utility, string name)
    {
        if (IsAggregator(name))
        {
            utility.Register(ProcedureWorld.LFdi, number: 0);
        }

        if (name is "ALL-01" or "ALL-03-REJ")
        {
            utility.Register(ProcedureWorld.LFdi, pin: 11111);
        }
    }

    /// <summary>What the person beside the device is told to do.</summary>
    private static void Site(ProcedureWorld world, ProcedureRun run, string name)
    {
        bool IsAt(string step) => run.Started is not null && run.Open is [var first, ..] && first.Contains(step, StringComparison.Ordinal);
        var isReported = false;
        (world.DerPower, world.Person) = name switch
        {
            "ALL-07" or "MUL-01" => (() => IsAt("DISCONNECT") ? null : -5_000, world.Person),
            "ALL-08" => (() => IsAt("DISCONNECT") ? 0 : -5_000, world.Person),
            "STO-05" => (world.DerPower, () => !isReported && (isReported = IsAt("PUT-DERCAPABILITY")) ? new DerInput.OperatorAction(DerAction.Report) : null),
            _ => (world.DerPower, world.Person),
        };
    }

    internal static string Story(ProcedureWorld world, ProcedureRun run) => string.Join(Environment.NewLine,
    [
        run.Verdict is null ? $"no verdict; open: {string.Join(", ", run.Open)}" : string.Join("; ", run.Verdict.Complaints),
        .. world.Utility.Log.Lines().Select(l => $"{l.At:HH:mm:ss} {l.Text}").TakeLast(40),
        .. world.Utility.Log.Requests().Where(r => r.Status >= 300).Select(r => $"{r.At:HH:mm:ss} {r.Method} {r.Path}{r.Query} {r.Status} {r.Complaint} {r.Body}").TakeLast(10),
        .. world.Notes.TakeLast(20),
    ]);
}
