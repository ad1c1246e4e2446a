using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>A utility that means one limit all the time, and whose server moves resources about, fails, forgets and errs at random.</summary>
internal sealed class ErringUtility
{
    private static readonly string[] Kinds = ["edev", "fsa", "derp", "dderc", "derc"];
    private static readonly string[] Failures = ["503", "404", "403", "html", "torn", "nothing"];
    private readonly Random _random;
    private readonly World _world;
    private readonly bool _hasControl;
    private readonly Dictionary<string, string> _at = new(StringComparer.Ordinal) { ["edev"] = "/edev/1", ["fsa"] = "/edev/1/fsa", ["derp"] = "/edev/1/fsa/1/derp", ["dderc"] = "/derp/1/dderc", ["derc"] = "/derp/1/derc" };
    private readonly Dictionary<string, (Instant Until, Func<FakeServer.Asked, FakeServer.Reply> Answer)> _faults = new(StringComparer.Ordinal);
    private int _moves;
    private Instant _lastClaim = World.Start - Duration.FromMinutes(5);

    public ErringUtility(int seed)
    {
        _random = new Random(seed);
        _hasControl = seed % 2 == 0;
        _world = new World(World.Usual with { ServerUrl = seed % 3 == 0 ? "https://utility.example" : "https://utility.example/dcap", Polling = new DerPolling { PageSize = seed % 5 == 0 ? 1 : 255 } }).WithTree(60);
        Build();
    }

    public World World => _world;

    /// <summary>What the utility means, W of export.</summary>
    public long Meant { get; private set; }

    /// <summary>The tree is right from now on, and orders less.</summary>
    public void PutRight(long lower)
    {
        _faults.Clear();
        Meant = lower;
        Build();
    }

    /// <summary>Something happens, or nothing.</summary>
    public string? Next()
    {
        var path = new[] { "/dcap", "/edev", _at["fsa"], _at["derp"], _at["dderc"], _at["derc"] }[_random.Next(6)];
        switch (_random.Next(40))
        {
            case 0 or 1 or 2:
                var kind = Kinds[_random.Next(Kinds.Length)];
                _at[kind] = $"/m{++_moves}/{kind}";
                Build();
                return $"{kind} moves to {_at[kind]}";
            case 3 or 4 or 5:
                var how = Failures[_random.Next(Failures.Length)];
                Fail(path, _random.Next(5, 200), _ => MovedTreeTests.Reply(how));
                return $"{path} answers {how}";
            case 6 or 7 when _world.Now - _lastClaim > Duration.FromSeconds(120) && Claim(path) is { } claim:
                // A wrong word of less than the confirmation, and none soon after.
                _lastClaim = _world.Now;
                Fail(path, _random.Next(2, 25), claim);
                return $"{path} claims what is wrong";
            case 8:
                _world.Restart();
                return "restart";
            default:
                return null;
        }
    }

    private Func<FakeServer.Asked, FakeServer.Reply>? Claim(string path)
    {
        var half = _random.Next(2) == 0;
        var (all, results) = half ? (3, 0) : (0, 0);
        string? element = path == _at["fsa"] ? "FunctionSetAssignmentsList" : path == _at["derp"] ? "DERProgramList" : path == _at["derc"] ? "DERControlList" : path == "/edev" ? "EndDeviceList" : null;
        return element is not null ? _ => new FakeServer.Reply(200, Xml.Build(element, $"all=\"{all}\" results=\"{results}\" pollRate=\"60\"", string.Empty))
            : path == "/dcap" ? _ => new FakeServer.Reply(200, Xml.DeviceCapability("<TimeLink href=\"/tm\"/>", 60)) : null;
    }

    private void Fail(string path, int seconds, Func<FakeServer.Asked, FakeServer.Reply> answer) => _faults[path] = (_world.Now + Duration.FromSeconds(seconds), answer);

    private void Build()
    {
        var server = _world.Server;
        Meant = Meant == 0 ? _hasControl ? 700 : 1500 : Meant;
        foreach (var gone in server.Resources.Keys.Where(k => k.StartsWith("/m", StringComparison.Ordinal) && k != "/mup").ToList())
        {
            server.Resources.Remove(gone);
        }

        server.On("/.well-known/csipaus", _ => new FakeServer.Reply(200, """{ "supportedSchemaVersions": { "https://csipaus.org/ns/v1.2": { "dcap": ["/dcap"] } } }""", ContentType: "application/json"));
        server.Put("/dcap", Xml.DeviceCapability("<TimeLink href=\"/tm\"/><EndDeviceListLink href=\"/edev\" all=\"1\"/>", 60));
        List("/edev", "EndDeviceList", () => [Xml.EndDevice(_at["edev"], FakeServer.Lfdi, FakeServer.Sfdi, $"<FunctionSetAssignmentsListLink href=\"{_at["fsa"]}\" all=\"1\"/>")]);
        List(_at["fsa"], "FunctionSetAssignmentsList", () => [Xml.Fsa($"{_at["fsa"]}/1", "F1", _at["derp"])]);
        List(_at["derp"], "DERProgramList", () =>
            [Xml.Program("/none", "0E", 9).Replace("/none/dderc", "/none/404", StringComparison.Ordinal), $"<DERProgram href=\"/derp/1\"><mRID>A1</mRID><DefaultDERControlLink href=\"{_at["dderc"]}\"/><DERControlListLink href=\"{_at["derc"]}\" all=\"1\"/><primacy>1</primacy></DERProgram>"]);
        server.List("/none/derc", "DERControlList", string.Empty, () => []);
        server.Put(_at["dderc"], Xml.Default("D1", _hasControl ? 1500 : Meant));
        List(_at["derc"], "DERControlList", () => _hasControl ? [Xml.Control(Meant == 700 ? "C1" : "C2", World.Start + Duration.FromSeconds(Meant == 700 ? -60 : -30), 72_000, Meant)] : []);
        foreach (var path in new[] { "/dcap", _at["dderc"] })
        {
            Guard(path, server.Resources[path]);
        }
    }

    private void List(string path, string element, Func<IReadOnlyList<string>> items)
    {
        _world.Server.List(path, element, "pollRate=\"60\"", items);
        Guard(path, _world.Server.Resources[path]);
    }

    private void Guard(string path, Func<FakeServer.Asked, FakeServer.Reply> right) =>
        _world.Server.On(path, asked => _faults.TryGetValue(path, out var fault) && _world.Now < fault.Until ? fault.Answer(asked) : right(asked));
}
