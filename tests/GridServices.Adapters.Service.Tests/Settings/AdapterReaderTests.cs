using System.Globalization;
using GridServices.Adapters.Service.Settings;
using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Contracts;
using GridServices.Testing;
using Microsoft.Extensions.Configuration;

namespace GridServices.Adapters.Service.Tests.Settings;

/// <summary>Settings that can't work are refused before anything starts, each fault with its place and what to do.</summary>
public sealed class AdapterReaderTests
{
    [Fact]
    public void Nothing_at_all_names_what_is_missing()
    {
        Assert.Contains("Adapters is empty", Faults());
        var faults = Faults(("Kind", "Mqtt"));
        Assert.All(
            new[] { "Adapters:a:Hub is no address", "Adapters:a:TokenFile is missing", "Adapters:a:Site is missing", "Adapters:a:Failsafe:ImportLimitW is missing", "Adapters:a:Failsafe:ExportLimitW is missing", "Adapters:a:Topics is empty", "Adapters:a:Broker:Address is no broker's address" },
            fault => Assert.Contains(fault, faults));
    }

    [Theory]
    [InlineData("Failsafe:ImportLimitW", "-1", "is negative")]
    [InlineData("Failsafe:ImportLimit", "1", "Adapters:a:Failsafe:ImportLimit is not known; here are known: ImportLimitW, ExportLimitW")]
    [InlineData("Topics:0:Quantitty", "ImportLimitW", "Adapters:a:Topics:0:Quantitty is not known")]
    [InlineData("Topics:0:NoLimit", "Zero", "set ZeroMeansUnlimited to true")]
    [InlineData("Topics:0:Topic", "a/+/b", "is no topic that can be published to")]
    [InlineData("Topics:1:Topic", "t", "name t twice")]
    [InlineData("Topics:0:Quantity", "watts", "Quantity one of ImportLimitW")]
    [InlineData("Kind", "Ocpi", "Kind is one of Mqtt, Everest, Modbus")]
    [InlineData("Broker:Address", "mqtt://broker.example", "without TLS")]
    [InlineData("Broker:UserName", "u", "goes together with PasswordFile")]
    [InlineData("StaleAfterSeconds", "5", "lies between 20")]
    [InlineData("Contacts:0:FullW", "1000", "have no 0 %")]
    [InlineData("Contacts:0:On", "OFF", "On and Off are two words, and not the same")]
    [InlineData("Contacts:0:Off", "", "On and Off are two words, and not the same")]
    [InlineData("Contacts:0:Quantity", "99", "Adapters:a:Contacts:0:Quantity is not known")]
    [InlineData("Topics:0:Quantity", "99", "Adapters:a:Topics:0:Quantity is not known: one of ImportLimitW")]
    [InlineData("Topics:0:Unit", "7", "Adapters:a:Topics:0:Unit is not known: one of W, Kw")]
    [InlineData("Topics:0:LeastW", "11000", "LeastW lies between 1 and 1500")]
    [InlineData("Topics:0:LeastW", "1400", "LeastW is above MostW", "1000")]
    [InlineData("Topics:1:Topic", "gridservices/site-1/until", "name gridservices/site-1/until twice")]
    [InlineData("LeadMs", "0", "LeadMs lies between 250 and 60000")]
    [InlineData("PowerFactor", "1.1", "PowerFactor lies between")]
    [InlineData("PhaseVolts", "0", "PhaseVolts lies between 1 and 1000")]
    [InlineData("Phases", "4", "Phases lies between 1 and 3")]
    [InlineData("Hub", "http://hub.example:5100", "Adapters:a:Hub goes to another machine without TLS")]
    [InlineData("Parts:0", "pv", "Adapters:a:Parts name pv, which is no part of a site")]
    [InlineData("Parts:0", "site/site-1", "Adapters:a:Parts name site/site-1, which is no part of a site")]
    [InlineData("PartsOfOthers:0", "wind/1", "kinds are circuit, evseGroup, evse, ess, pv")]
    [InlineData("Topics:0:SharePercent", "0", "Adapters:a:Topics:0:SharePercent lies between 1 and 100")]
    [InlineData("Contacts:0:SharePercent", "101", "Adapters:a:Contacts:0:SharePercent lies between 1 and 100")]
    [InlineData("Everest:Module", "limits", "Adapters:a:Everest is not read by an adapter of kind Mqtt")]
    [InlineData("TokenFile", "/nowhere/token", "can't be read")]
    [InlineData("StateFile", "/nowhere/state.json", "folder that is not there")]
    public void What_is_wrong_is_told_with_its_place(string setting, string value, string fault, string? mostW = null)
    {
        var folder = TestFolders.Create();
        var token = Path.Combine(folder, "token");
        File.WriteAllText(token, "secret-token\n");
        (string Key, string? Value)[] settings =
        [
            .. RunningAdapter.Common(new Uri("http://127.0.0.1:5100"), token, "site-1", "Mqtt"),
            ("Broker:Address", "mqtt://127.0.0.1:1883"), ("Topics:0:Topic", "t"), ("Topics:0:Quantity", "ImportLimitW"), ("Topics:1:Topic", "u"), ("Topics:1:Quantity", "ExportLimitW"), ("Topics:0:MostW", mostW),
        ];
        Assert.Equal(string.Empty, Faults(settings));
        var faults = Faults([.. settings.Where(s => s.Key != setting), (setting, value)]);
        Assert.Contains(fault, faults);
        Assert.DoesNotContain("secret-token", faults);
        TestFolders.Remove(folder);
    }

    [Theory]
    [InlineData("100: 60:k60 0:", null, "have no Topic at a stage other than 100 %")]
    [InlineData("100:k 60:k60 0:", null, "have no Topic at a stage other than 100 %")]
    [InlineData("100:k 60:k60 0:", 0, null)]
    [InlineData("100: 60:k60 0:k0", 0, "AtRestPercent names no stage without a Topic")]
    [InlineData("100: 60:k60 0:k0", null, null)]
    public void No_two_stages_of_a_box_look_alike(string stages, int? atRest, string? fault)
    {
        var settings = stages.Split(' ').Select(s => s.Split(':')).SelectMany((s, i) => new (string, string?)[]
        {
            ($"Contacts:0:Stages:{i}:Percent", s[0]), ($"Contacts:0:Stages:{i}:Topic", s[1].Length == 0 ? null : s[1]),
        });
        var faults = Faults([("Kind", "Mqtt"), .. settings, ("Contacts:0:AtRestPercent", atRest?.ToString(CultureInfo.InvariantCulture))]);
        var told = string.Join('\n', faults.Split('\n').Where(f => f.Contains("Stages", StringComparison.Ordinal) || f.Contains("AtRest", StringComparison.Ordinal)));
        Assert.True(fault is null ? told.Length == 0 : told.Contains(fault, StringComparison.Ordinal), told);
    }

    // Two inverters of 30 kW that are both told 30 kW feed in 60.
    [Theory]
    [InlineData("ProductionW", 100, "ProductionW", 100, "Adapters:a:Contacts:0 and Adapters:a:Contacts:1 would be told 200 % of the export and of the generation and of the discharging limit of site-1 together")]
    [InlineData("ProductionW", 50, "ExportLimitW", 51, "would be told 101 % of the export limit of site-1 together: give each a SharePercent, 100 together at most")]
    [InlineData("ProductionW", 50, "ProductionW", 50, null)]
    [InlineData("ConsumptionW", 100, "ProductionW", 100, null)]
    [InlineData("ChargeLimitW", 100, "LoadLimitW", 100, null)]
    public void Two_boxes_are_not_told_the_whole_of_one_limit(string one, int share, string other, int otherShare, string? fault)
    {
        var boxes = new[] { (one, share), (other, otherShare) }.SelectMany((box, i) => new (string, string?)[]
        {
            ($"Contacts:{i}:Quantity", box.Item1), ($"Contacts:{i}:SharePercent", box.Item2.ToString(CultureInfo.InvariantCulture)),
        });
        var told = Together(Faults([("Kind", "Mqtt"), ("Site", "site-1"), .. boxes]));
        Assert.True(fault is null ? told.Length == 0 : told.Contains(fault, StringComparison.Ordinal), told);
    }

    [Theory]
    [InlineData("site-1", "site-1", null, "Adapters:a:Everest and Adapters:b:Everest would be told 200 %")]
    [InlineData("site-1", "site-1", "50", null)]
    [InlineData("site-1", "site-2", null, null)]
    public void Two_stations_are_not_told_the_whole_of_one_limit(string a, string b, string? share, string? fault)
    {
        var settings = new[] { ("a", a), ("b", b) }.SelectMany(x => new[] { ("Kind", "Everest"), ("Site", x.Item2), ("Everest:Module", x.Item1), ("Everest:SharePercent", share) }
            .Where(s => s.Item2 is not null).Select(s => KeyValuePair.Create($"Adapters:{x.Item1}:{s.Item1}", s.Item2)));
        var told = Together(string.Join('\n', AdapterReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).Faults));
        Assert.True(fault is null ? told.Length == 0 : told.Contains(fault, StringComparison.Ordinal), told);
    }

    [Fact]
    public void One_hub_under_two_names_gives_away_no_more_than_the_whole()
    {
        var settings = new[] { ("a", "http://localhost:5100"), ("b", "http://127.0.0.1:5100") }.SelectMany(x => new[] { ("Kind", "Everest"), ("Site", "site-1"), ("Everest:Module", x.Item1), ("Hub", x.Item2) }
            .Select(s => KeyValuePair.Create($"Adapters:{x.Item1}:{s.Item1}", (string?)s.Item2)));
        var told = Together(string.Join('\n', AdapterReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).Faults));
        Assert.Contains("Adapters:a:Everest and Adapters:b:Everest would be told 200 %", told, StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_said_of_voltage_hub_and_parts_is_the_strict_reading()
    {
        var folder = TestFolders.Create();
        var token = Path.Combine(folder, "token");
        File.WriteAllText(token, "t");
        (string, string?)[] settings = [.. RunningAdapter.Common(new Uri("http://127.0.0.1:5100"), token, "site-1", "Modbus"), ("Modbus:Listen", "127.0.0.1:1502"), ("Modbus:MostW", "1")];
        var strict = Assert.Single(AdapterReader.Read(RunningAdapter.Settings(settings)).Plans);
        Assert.Equal((90, 1, true, 0), (strict.Rules.PhaseVolts, strict.Rules.Phases, strict.Site.AssumesPhaseVolts, strict.Site.Parts.Count));
        var stated = Assert.Single(AdapterReader.Read(RunningAdapter.Settings(
            [.. settings.Where(s => s.Item1 != "Hub"), ("Hub", "http://hub.example"), ("AllowPlainHub", "true"), ("PhaseVolts", "207"), ("Phases", "3"), ("Parts:0", "pv/inv1"), ("PartsOfOthers:0", "evseGroup/a/b")])).Plans);
        Assert.Equal((207, 3, false), (stated.Rules.PhaseVolts, stated.Rules.Phases, stated.Site.AssumesPhaseVolts));
        Assert.Equal(new EnvelopeTarget(TargetKind.Pv, "inv1"), Assert.Single(stated.Site.Parts));
        Assert.Equal(new EnvelopeTarget(TargetKind.EvseGroup, "a/b"), Assert.Single(stated.Site.PartsOfOthers));
        TestFolders.Remove(folder);
    }

    private static string Together(string faults) => string.Join('\n', faults.Split('\n').Where(f => f.Contains(" together", StringComparison.Ordinal)));

    [Fact]
    public void Two_adapters_share_no_state_file()
    {
        var settings = new[] { "a", "b" }.Select(name => KeyValuePair.Create($"Adapters:{name}:StateFile", (string?)Path.Combine(Path.GetTempPath(), "held.json")));
        var faults = AdapterReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).Faults;
        Assert.Contains("Adapters:a:StateFile and Adapters:b:StateFile name the same file: each keeps one of its own.", faults);
    }

    [Theory]
    [InlineData("Everest", "LeadMs", "1000")]
    [InlineData("Everest", "Topics:0:Topic", "t")]
    [InlineData("Modbus", "Broker:Address", "mqtt://127.0.0.1")]
    public void A_setting_of_another_kind_is_not_dropped_without_a_word(string kind, string setting, string value) =>
        Assert.Contains($"Adapters:a:{setting.Split(':')[0]} is not read by an adapter of kind {kind}", Faults(("Kind", kind), (setting, value)));

    [Theory]
    [InlineData("Mqtt", "BaseTopic=x", "BaseTopic=x", "say the same topics at one broker (localhost:1883 x/known, localhost:1883 x/state")]
    [InlineData("Mqtt", "BaseTopic=x;Topics:0:Topic=n", "BaseTopic=y;Topics:0:Topic=n", "(localhost:1883 n)")]
    [InlineData("Mqtt", "BaseTopic=x;Topics:0:Topic=y/online", "BaseTopic=y", "(localhost:1883 y/online)")]
    [InlineData("Mqtt", "BaseTopic=x;Broker:ClientId=c", "BaseTopic=y;Broker:ClientId=c", "Adapters:a:Broker:ClientId and Adapters:b:Broker:ClientId are the same name")]
    [InlineData("Everest", "Everest:Module=m", "Everest:Module=m", "/m/m2e/set_external_limits")]
    [InlineData("Modbus", "Modbus:Listen=127.0.0.1:1502", "Modbus:Listen=127.0.0.1:1502", "Adapters:a:Modbus:Listen and Adapters:b:Modbus:Listen are the same")]
    [InlineData("Mqtt", "BaseTopic=x;Topics:0:Topic=n", "BaseTopic=y;Topics:0:Topic=n;Broker:Address=mqtt://127.0.0.1:1884", null)]
    [InlineData("Everest", "Everest:Module=m", "Everest:Module=o", null)]
    public void Two_adapters_say_nothing_at_the_same_place(string kind, string a, string b, string? fault)
    {
        var broker = kind == "Modbus" ? [] : new[] { "Broker:Address=mqtt://127.0.0.1:1883" };
        var settings = new[] { ("a", a), ("b", b) }.SelectMany(x => new[] { $"Kind={kind}" }.Concat(x.Item2.Split(';')).Concat(x.Item2.Contains("Address", StringComparison.Ordinal) ? [] : broker)
            .Select(s => s.Split('=')).Select(s => KeyValuePair.Create($"Adapters:{x.Item1}:{s[0]}", (string?)s[1])));
        var faults = AdapterReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).Faults.Where(f => f.Contains("Adapters:b", StringComparison.Ordinal) && f.Contains("Adapters:a", StringComparison.Ordinal)).ToList();
        Assert.True(fault is null ? faults.Count == 0 : Assert.Single(faults).Contains(fault, StringComparison.Ordinal), string.Join('\n', faults));
    }

    [Fact]
    public void Environment_and_command_line_hold_against_the_file()
    {
        var folder = TestFolders.Create();
        var file = Path.Combine(folder, "adapters.json");
        File.WriteAllText(file, """{ "Adapters": { "a": { "Kind": "Modbus", "LeadMs": -3, "Failsafe": { "ImportLimitW": 4200, "ExportLimitW": 4200 } } } }""");
        const string Variable = "Adapters__a__Failsafe__ExportLimitW";
        Environment.SetEnvironmentVariable(Variable, "-2");
        try
        {
            using var errors = new StringWriter();
            Assert.Null(AdaptersApp.Build([$"--Config={file}", "--Adapters:a:Failsafe:ImportLimitW=-1"], errors));
            Assert.All(
                new[] { "Adapters:a:Failsafe:ImportLimitW is negative", "Adapters:a:Failsafe:ExportLimitW is negative", "Adapters:a:LeadMs lies between" },
                fault => Assert.Contains(fault, errors.ToString(), StringComparison.Ordinal));
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
            TestFolders.Remove(folder);
        }
    }

    [Fact]
    public void The_program_starts_nothing_and_says_why()
    {
        using var errors = new StringWriter();
        Assert.Null(AdaptersApp.Build(["--Adapters:a:Kind=Modbus", "--Adapters:a:Modbus:Listen=1502"], errors));
        Assert.Contains("nothing was started", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("Adapters:a:Modbus:Listen is no address with a port", errors.ToString(), StringComparison.Ordinal);
        Assert.Null(AdaptersApp.Build(["--Config=/nowhere/adapters.json"], errors));
        Assert.Contains("--Config /nowhere/adapters.json can't be read", errors.ToString(), StringComparison.Ordinal);
    }

    private static string Faults(params (string Key, string? Value)[] settings) => string.Join('\n', AdapterReader.Read(RunningAdapter.Settings(settings)).Faults);
}
