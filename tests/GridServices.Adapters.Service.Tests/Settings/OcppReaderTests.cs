using System.Net;
using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Service.Settings;
using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Testing;
using Microsoft.Extensions.Configuration;
using NodaTime;

namespace GridServices.Adapters.Service.Tests.Settings;

/// <summary>What is wrong with charging stations and the system in front of them is said before anything starts.</summary>
public sealed class OcppReaderTests
{
    private static readonly (string Key, string? Value)[] Right =
    [
        ("Kind", "Ocpp"), ("Hub", "http://127.0.0.1:5100"), ("Site", "site-1"), ("Failsafe:ImportLimitW", "4200"), ("Failsafe:ExportLimitW", "0"),
        ("Ocpp:Version", "2.0.1"), ("Ocpp:Csms:Address", "http://127.0.0.1:8080"), ("Ocpp:Answers:Listen", "127.0.0.1:5190"), ("Ocpp:HighestVolts", "253"),
        ("Ocpp:Stations:0:Id", "cp-1"), ("Ocpp:Stations:0:MaxA", "32"),
    ];

    [Fact]
    public void Little_is_enough()
    {
        var plan = With().Plans.Single().Ocpp!;
        Assert.Equal((OcppVersion.V201, "/ocpp/2.0.1/smartcharging/setChargingProfile?identifier={station}&tenantId=1&callbackUrl={answers}"), (plan.Csms.Version, plan.Csms.Path));
        Assert.Equal((new IPEndPoint(IPAddress.Loopback, 5190), new Uri("http://127.0.0.1:5190")), (plan.Answers!.Listen, plan.Answers.Address));
        Assert.Empty(With(("Ocpp:Answers:Address", "http://grid.example:5190"), ("Ocpp:Csms:AllowPlain", "true")).Faults);
        var station = Assert.Single(plan.Stations);
        Assert.Equal(("cp-1", 3, 24_288, 4_554, ChargingRateUnit.A), (station.Id, station.Phases, station.MaxW, station.MinW, station.Unit));
        Assert.Equal((Duration.FromMinutes(15), TimeSpan.FromSeconds(30)), (plan.Schedule.ValidFor, plan.Every));
    }

    [Fact]
    public void A_system_that_answers_with_the_stations_answer_needs_no_door()
    {
        var (plans, faults) = With(("Ocpp:Csms:Path", "/api/{station}/SetChargingProfile"), ("Ocpp:Answers:Listen", null));
        Assert.Empty(faults);
        Assert.Null(plans.Single().Ocpp!.Answers);

        // Then the system waits for the station, and we for it.
        Assert.Equal(TimeSpan.FromSeconds(90), With(("Ocpp:Csms:Path", "/api/{station}/SetChargingProfile"), ("Ocpp:Answers:Listen", null), ("Ocpp:PatienceSeconds", "90")).Plans.Single().Ocpp!.PatienceWithSystem);
        Assert.Equal(TimeSpan.FromSeconds(5), With(("Ocpp:PatienceSeconds", "90")).Plans.Single().Ocpp!.PatienceWithSystem);
        Assert.Contains("Answers:Listen is of no use", Faults(("Ocpp:Csms:Path", "/api/{station}/SetChargingProfile")), StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_no_more_stations_than_can_be_thought_out()
    {
        Assert.Empty(With(Stations(249)).Faults);
        Assert.Contains("Ocpp:Stations are more than 250", string.Join('\n', With(Stations(250)).Faults), StringComparison.Ordinal);

        static (string, string?)[] Stations(int more) =>
            [.. Enumerable.Range(1, more).SelectMany(i => new (string, string?)[] { ($"Ocpp:Stations:{i}:Id", $"cp-x{i}"), ($"Ocpp:Stations:{i}:MaxA", "32") })];
    }

    [Theory]
    [InlineData("Ocpp:Version", "1.5", "Ocpp:Csms:Version of Ocpp is missing or not known: one of 1.6, 2.0.1, 2.1")]
    [InlineData("Ocpp:HighestVolts", null, "Ocpp:HighestVolts is missing or outside 90 to 1000")]
    [InlineData("Ocpp:Csms:Address", "csms.example", "Ocpp:Csms:Address is no address")]
    [InlineData("Ocpp:Csms:Address", "http://csms.example", "Ocpp:Csms:Address goes to another machine without TLS")]
    [InlineData("Ocpp:Csms:TokenFile", "/nowhere/token", "Ocpp:Csms:TokenFile names /nowhere/token, which is not there")]
    [InlineData("Ocpp:Csms:Path", "/setChargingProfile?callbackUrl={answers}", "Ocpp:Csms:Path begins with / and has {station}")]
    [InlineData("Ocpp:Answers:Listen", "5190", "Ocpp:Answers:Listen is no address with a port")]
    [InlineData("Ocpp:Answers:Listen", "0.0.0.0:5190", "Ocpp:Answers:Address is missing: Listen is every address of this machine")]
    [InlineData("Ocpp:Answers:Address", "http://grid.example:5190", "Ocpp:Answers:Address has another machine's answers come without TLS")]
    [InlineData("Ocpp:Answers:Listen", "10.0.0.9:5190", "Ocpp:Answers:Address has another machine's answers come without TLS")]
    [InlineData("Ocpp:Stations:0:Id", null, "Ocpp:Stations:0:Id is missing")]
    [InlineData("Ocpp:Stations:1:Id", "cp-1", "Ocpp:Stations name cp-1 twice")]
    [InlineData("Ocpp:Stations:0:MaxA", "5", "Ocpp:Stations:0:MaxA is missing, below MinA or above 2000")]
    [InlineData("Ocpp:Stations:0:Phases", "4", "Ocpp:Stations:0:Phases must be between 1 and 3")]
    [InlineData("Ocpp:Stations:0:Unit", "7", "Ocpp:Stations:0:Unit is not known: A or W")]
    [InlineData("Ocpp:Stations:0:Unit", "kW", "Ocpp:Stations:0:Unit")]
    [InlineData("Ocpp:Stations:0:Weight", "0", "Ocpp:Stations:0:Weight must be between 1 and 1000")]
    [InlineData("Ocpp:StationsFile", "/nowhere/stations.json", "Ocpp:StationsFile is in a folder that is not there")]
    [InlineData("Ocpp:EverySeconds", "300", "Ocpp:EverySeconds must be between 5 and 3600, and at most a quarter of ValidForSeconds")]
    [InlineData("Ocpp:Voltage", "230", "Ocpp:Voltage is not known")]
    [InlineData("LeadMs", "1000", "LeadMs is not read by an adapter of kind Ocpp")]
    [InlineData("Broker:Address", "mqtt://127.0.0.1", "Broker is not read by an adapter of kind Ocpp")]
    public void What_is_wrong_is_said_with_its_place(string setting, string? value, string fault) => Assert.Contains($"Adapters:a:{fault}", Faults((setting, value)), StringComparison.Ordinal);

    [Fact]
    public void A_station_belongs_to_one_adapter_and_a_limit_is_given_away_once()
    {
        var two = new[] { "a", "b" }.SelectMany(name => Right.Select(s => KeyValuePair.Create($"Adapters:{name}:{s.Key}", s.Value)));
        var faults = string.Join('\n', AdapterReader.Read(new ConfigurationBuilder().AddInMemoryCollection(two).Build()).Faults);
        Assert.Contains("Adapters:a and Adapters:b tell the same stations (cp-1 at localhost:8080, tenant 1)", faults, StringComparison.Ordinal);
        Assert.Contains("Adapters:a:Ocpp and Adapters:b:Ocpp would be told 200 %", faults, StringComparison.Ordinal);
        Assert.DoesNotContain("Listen", faults, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_cleared_is_told_by_nobody()
    {
        var plan = With(("Ocpp:Removed:0", "cp-2")).Plans.Single().Ocpp!;
        Assert.Equal(("cp-2", "/ocpp/2.0.1/smartcharging/clearChargingProfile?identifier={station}&tenantId=1&callbackUrl={answers}"), (Assert.Single(plan.Removed), plan.Csms.ClearPath));
        Assert.Contains("Ocpp:Removed names cp-1, which Stations names too", Faults(("Ocpp:Removed:0", "cp-1")), StringComparison.Ordinal);
        (string, string?)[] other = [("Ocpp:Csms:Path", "/api/{station}/SetChargingProfile"), ("Ocpp:Answers:Listen", null), ("Ocpp:Removed:0", "cp-2")];
        Assert.Contains("Ocpp:Csms:ClearPath is missing", string.Join('\n', With(other).Faults), StringComparison.Ordinal);
        Assert.Empty(With([.. other, ("Ocpp:Csms:ClearPath", "/api/{station}/ClearChargingProfile")]).Faults);
        Assert.Contains("Ocpp:Csms:ClearPath has {answers} where Csms:Path has it", string.Join('\n', With([.. other, ("Ocpp:Csms:ClearPath", "/api/{station}/{answers}")]).Faults), StringComparison.Ordinal);
        Assert.Contains(
            "Adapters:b:Ocpp:Removed names cp-1 at localhost:8080, tenant 1, which Adapters:a tells", ReadFaultsForTwo([("Ocpp:Stations:0:Id", "cp-9"), ("Ocpp:Removed:0", "cp-1")]), StringComparison.Ordinal);
    }

    // One system under two names is one; two tenants with the same id have two stations.
    [Theory]
    [InlineData("Ocpp:Csms:Address", "http://localhost:8080", true)]
    [InlineData("Ocpp:Csms:Address", "http://[::1]:8080/", true)]
    [InlineData("Ocpp:Csms:Address", "http://localhost:8081", false)]
    [InlineData("Ocpp:Csms:Tenant", "2", false)]
    [InlineData("Ocpp:Version", "1.6", true)]
    public void One_station_is_one_whatever_its_system_is_called(string setting, string value, bool isOne) =>
        Assert.Equal(isOne, ReadFaultsForTwo([("Ocpp:Answers:Listen", "127.0.0.1:5195"), (setting, value)]).Contains("tell the same stations", StringComparison.Ordinal));

    [Fact]
    public void Adapters_of_several_kinds_share_neither_a_file_nor_an_address()
    {
        (string, string?)[] oscp =
        [
            ("Kind", "Oscp"), ("Hub", "http://127.0.0.1:5100"), ("Site", "site-1"), ("Oscp:Listen", "127.0.0.1:5190"), ("Oscp:RegistrationFile", Path.Combine(Path.GetTempPath(), "one.json")), ("Oscp:RegisterUrl", "http://127.0.0.1/register"), ("Oscp:GroupId", "g"),
        ];
        (string, string?)[] ocpp = [.. Right, ("Ocpp:StationsFile", Path.Combine(Path.GetTempPath(), "one.json"))];
        var faults = ReadFaults(("a", ocpp), ("b", oscp), ("c", [.. oscp.Select(s => s.Item1 is "Oscp:RegisterUrl" ? (s.Item1, "http://localhost/other") : s)]));
        Assert.Contains("Adapters:a:Ocpp:Answers:Listen and Adapters:b:Oscp:Listen and Adapters:c:Oscp:Listen are the same", faults, StringComparison.Ordinal);
        Assert.Contains("Adapters:a:Ocpp:StationsFile and Adapters:b:Oscp:RegistrationFile and Adapters:c:Oscp:RegistrationFile name the same file", faults, StringComparison.Ordinal);
        Assert.Contains("Adapters:b:Oscp:GroupId and Adapters:c:Oscp:GroupId are one group (g at localhost:80)", faults, StringComparison.Ordinal);
    }

    private static string ReadFaultsForTwo((string Key, string? Value)[] changed) => ReadFaults(("a", Right), ("b", [.. Right.Where(s => changed.All(c => c.Key != s.Key)), .. changed]));

    private static string ReadFaults(params (string Name, (string Key, string? Value)[] Settings)[] adapters) => string.Join('\n', AdapterReader.Read(new ConfigurationBuilder()
        .AddInMemoryCollection(adapters.SelectMany(a => a.Settings.Select(s => KeyValuePair.Create($"Adapters:{a.Name}:{s.Key}", s.Value)))).Build()).Faults);

    private static string Faults((string Key, string? Value) setting) => string.Join('\n', With(setting).Faults);

    private static (IReadOnlyList<AdapterPlan> Plans, IReadOnlyList<string> Faults) With(params (string Key, string? Value)[] changed)
    {
        var folder = TestFolders.Create();
        try
        {
            var token = Path.Combine(folder, "token");
            File.WriteAllText(token, "t");
            return AdapterReader.Read(RunningAdapter.Settings(
                [.. Right.Where(s => changed.All(c => c.Key != s.Key)), ("TokenFile", token), .. changed.Where(c => c.Value is not null)]));
        }
        finally
        {
            TestFolders.Remove(folder);
        }
    }
}
