using GridServices.Adapters.Oscp;
using GridServices.Adapters.Service.Settings;
using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Testing;
using Microsoft.Extensions.Configuration;

namespace GridServices.Adapters.Service.Tests.Settings;

/// <summary>What is wrong with a flexibility provider's settings is said before anything starts.</summary>
public sealed class OscpReaderTests
{
    [Fact]
    public void Little_is_enough()
    {
        var (plans, faults) = With();
        Assert.Empty(faults);
        var plan = plans.Single().Oscp!;
        Assert.Equal((new Uri("https://fp.example/register"), "depot", 50_000, 3_600), (plan.RegisterUrl, plan.Forecast.GroupId, plan.Forecast.MostW, plan.Forecast.Schedule.ValidFor.TotalSeconds));
        Assert.Empty(With(("Oscp:Address", "http://cp.example/2.0"), ("Oscp:AllowPlain", "true")).Faults);
        Assert.Null(With(("Oscp:RegisterUrl", null)).Plans.Single().Oscp!.RegisterUrl);
    }

    [Theory]
    [InlineData("Oscp:RegisterUrl", "http://fp.example/register", "RegisterUrl goes to another machine without TLS")]
    [InlineData("Oscp:RegisterUrl", "fp.example", "RegisterUrl is no address")]
    [InlineData("Oscp:TokenFile", null, "TokenFile is missing")]
    [InlineData("Oscp:TokenFile", "/nowhere/token", "TokenFile names /nowhere/token, which is not there")]
    [InlineData("Oscp:RegistrationFile", "/nowhere/kept.json", "RegistrationFile is missing, or in a folder that is not there")]
    [InlineData("Oscp:Listen", "5191", "Listen is no address with a port")]
    [InlineData("Oscp:Address", null, "Address is no address")]
    [InlineData("Oscp:Address", "http://cp.example/2.0", "Address has another machine's messages come without TLS")]
    [InlineData("Oscp:GroupId", null, "GroupId is missing")]
    [InlineData("Oscp:MostW", null, "MostW is missing or below 1")]
    [InlineData("Oscp:HeartbeatSeconds", "60", "HeartbeatSeconds must be between 1 and 50")]
    [InlineData("Oscp:Group", "depot", "Group is not known")]
    [InlineData("Oscp:LeaveOutTypes:0", "FALLBACK", "LeaveOutTypes names FALLBACK; here are known: FALLBACK_CONSUMPTION, FALLBACK_GENERATION, CONSUMPTION, GENERATION")]
    [InlineData("Oscp:LeaveOutTypes:0", "GENERATION", "LeaveOutTypes leaves FALLBACK_GENERATION without GENERATION")]
    [InlineData("Oscp:LeaveOutTypes:0", "CONSUMPTION", "LeaveOutTypes leaves FALLBACK_CONSUMPTION without CONSUMPTION")]
    public void What_is_wrong_is_said_with_its_place(string setting, string? value, string fault) =>
        Assert.Contains($"Adapters:a:Oscp:{fault}", string.Join('\n', With((setting, value)).Faults), StringComparison.Ordinal);

    [Fact]
    public void Types_are_left_out_but_never_all_of_them()
    {
        Assert.Equal([ForecastType.Consumption], LeavingOut("FALLBACK_CONSUMPTION", "FALLBACK_GENERATION", "GENERATION").Plans.Single().Oscp!.Types);
        Assert.Contains("nothing would be told", string.Join('\n', LeavingOut("FALLBACK_CONSUMPTION", "FALLBACK_GENERATION", "GENERATION", "CONSUMPTION").Faults), StringComparison.Ordinal);

        static (IReadOnlyList<AdapterPlan> Plans, IReadOnlyList<string> Faults) LeavingOut(params string[] types) => With([.. types.Select((type, i) => ($"Oscp:LeaveOutTypes:{i}", (string?)type))]);
    }

    [Fact]
    public void Two_adapters_share_neither_an_address_nor_a_registration()
    {
        var two = new[] { "a", "b" }.SelectMany(name => Right(Path.Combine(Path.GetTempPath(), "token")).Select(s => KeyValuePair.Create($"Adapters:{name}:{s.Key}", s.Value)));
        var faults = string.Join('\n', AdapterReader.Read(new ConfigurationBuilder().AddInMemoryCollection(two).Build()).Faults);
        Assert.Contains("Adapters:a:Oscp:Listen and Adapters:b:Oscp:Listen are the same", faults, StringComparison.Ordinal);
        Assert.Contains("Adapters:a:Oscp:RegistrationFile and Adapters:b:Oscp:RegistrationFile name the same file", faults, StringComparison.Ordinal);
        Assert.Contains("Adapters:a:Oscp and Adapters:b:Oscp would be told 200 %", faults, StringComparison.Ordinal);
    }

    private static (string Key, string? Value)[] Right(string token) =>
    [
        ("Kind", "Oscp"), ("Hub", "http://127.0.0.1:5100"), ("Site", "site-1"), ("TokenFile", token), ("Failsafe:ImportLimitW", "4200"), ("Failsafe:ExportLimitW", "0"),
        ("Oscp:RegisterUrl", "https://fp.example/register"), ("Oscp:TokenFile", token), ("Oscp:RegistrationFile", Path.Combine(Path.GetTempPath(), "registration.json")),
        ("Oscp:Listen", "127.0.0.1:5191"), ("Oscp:Address", "https://cp.example/2.0"), ("Oscp:GroupId", "depot"), ("Oscp:MostW", "50000"),
    ];

    private static (IReadOnlyList<AdapterPlan> Plans, IReadOnlyList<string> Faults) With(params (string Key, string? Value)[] changed)
    {
        var folder = TestFolders.Create();
        try
        {
            var token = Path.Combine(folder, "token");
            File.WriteAllText(token, "t");
            return AdapterReader.Read(RunningAdapter.Settings([.. Right(token).Where(s => changed.All(c => c.Key != s.Key)), .. changed.Where(c => c.Value is not null)]));
        }
        finally
        {
            TestFolders.Remove(folder);
        }
    }
}
