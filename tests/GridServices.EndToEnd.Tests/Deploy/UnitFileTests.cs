using System.Globalization;
using System.Text.RegularExpressions;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests.Deploy;

/// <summary>The units of deploy/systemd as files: systemd itself reads and judges them.</summary>
public sealed partial class UnitFileTests
{
    /// <summary>Of systemd-analyze: 0 is closed, 10 open. What is left: the network, and real time for the frequency service.</summary>
    private const double MostExposure = 2.0;

    public static TheoryData<string> Names => [.. DeployedService.All.Select(service => service.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_unit_stays_below_the_stated_exposure(string name)
    {
        var said = await AnalyzeAsync("security", "--offline=true", "--no-pager", Unit(name));
        var exposure = Exposure().Match(said.Text);
        Assert.True(exposure.Success, said.Text);
        Assert.InRange(double.Parse(exposure.Groups["value"].ValueSpan, CultureInfo.InvariantCulture), 0, MostExposure);
    }

    [Fact]
    public async Task Systemd_finds_nothing_wrong_with_the_units()
    {
        using var found = new Folder();
        // Where the programs are not installed, their being executable can't be judged.
        foreach (var file in Directory.EnumerateFiles(DeployedService.Folder("systemd"), "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(found.Path, Path.GetRelativePath(DeployedService.Folder("systemd"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            await File.WriteAllTextAsync(copy, (await File.ReadAllTextAsync(file)).Replace("/usr/bin/dotnet ", "/bin/true ", StringComparison.Ordinal));
        }

        var units = Directory.GetFiles(found.Path, "gridservices*.*");
        Assert.Equal(DeployedService.All.Count + 1, units.Length);
        var said = await Tool.RunAsync("systemd", "systemd-analyze", ["verify", "--man=no", "--recursive-errors=one", .. units], UnitPath(found.Path));
        Assert.True(said.Code == 0, said.Text);
        Assert.DoesNotContain(said.Text.Split('\n'), line => line.Contains(found.Path, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_unit_starts_its_own_program_with_its_own_settings_and_state(string name)
    {
        var service = DeployedService.Get(name);
        var unit = File.ReadAllText(Unit(name));
        var option = service.Port is null ? "--Config" : "--Settings";
        Assert.Contains($"\nExecStart=/usr/bin/dotnet /opt/gridservices/current/{name}/{service.Assembly} {option} ${{CREDENTIALS_DIRECTORY}}/settings.json\n", unit, StringComparison.Ordinal);
        Assert.Contains($"\nLoadCredential=settings.json:/etc/gridservices/{name}.json\n", unit, StringComparison.Ordinal);
        Assert.Contains($"\nStateDirectory=gridservices/{name}", unit, StringComparison.Ordinal);
        Assert.Contains($"\nBindPaths=/var/lib/gridservices/{name}\n", unit, StringComparison.Ordinal);
        Assert.Contains("\nMemoryMax=", unit, StringComparison.Ordinal);
        // Adapters has no loops that are watched, and systemd would end it for its silence.
        Assert.Equal(service.Port is not null, unit.Contains("\nWatchdogSec=", StringComparison.Ordinal));
    }

    [Fact]
    public void OpenSsl_is_told_otherwise_for_the_service_of_IEEE_2030_5_alone()
    {
        var told = Directory.EnumerateFiles(DeployedService.Folder("systemd"), "*", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains("OPENSSL_CONF", StringComparison.Ordinal));
        Assert.Equal("gridservices-ieee2030-5.service.d", Directory.GetParent(Assert.Single(told))!.Name);
        Assert.True(File.Exists(RepositoryFiles.Path("services", "Ieee2030Dot5", "GridServices.Ieee2030Dot5.Service", "openssl-ccm8.cnf")));
    }

    private static string Unit(string name) => DeployedService.Folder("systemd", $"gridservices-{name}.service");

    private static Task<Said> AnalyzeAsync(params string[] arguments) => Tool.RunAsync("systemd", "systemd-analyze", arguments, UnitPath(DeployedService.Folder("systemd")));

    private static Dictionary<string, string> UnitPath(string folder) => new(StringComparer.Ordinal) { ["SYSTEMD_UNIT_PATH"] = folder + ":", ["SYSTEMD_COLORS"] = "0" };

    [GeneratedRegex(@"Overall exposure level for .*: (?<value>\d+\.\d+) ", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Exposure();
}
