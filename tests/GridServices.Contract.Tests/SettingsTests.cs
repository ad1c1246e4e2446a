using GridServices.Hosting.Configuration;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Contract.Tests;

/// <summary>What is written about settings is what the services bind. <c>UPDATE_SNAPSHOTS=1</c> writes it anew.</summary>
public sealed class SettingsTests
{
    private const string Begin = "<!-- settings: made from the records of the services, see SettingsTests -->\n";
    private const string End = "<!-- end of settings -->";

    public static TheoryData<string> Names => [.. ServicesUnderTest.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_service_carries_a_file_with_all_its_keys_and_their_defaults(string name)
    {
        var made = SettingsDocuments.AppSettings(await KnownAsync(name));
        var folder = RepositoryFiles.Path("services", ServicesUnderTest.All[name].Title, $"GridServices.{ServicesUnderTest.All[name].Title}.Service");
        await HoldAsync(Path.Combine(folder, "appsettings.json"), _ => made);
    }

    [Fact]
    public async Task The_tables_of_the_operations_page_are_those_keys()
    {
        var known = new Dictionary<string, IReadOnlyList<KnownSettings>>(StringComparer.Ordinal);
        foreach (var (name, service) in ServicesUnderTest.All)
        {
            known[service.Title] = await KnownAsync(name);
        }

        var tables = SettingsDocuments.Tables(known);
        await HoldAsync(RepositoryFiles.Path("docs", "operations.md"), page =>
        {
            var from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
            return page[..from] + tables + page[page.IndexOf(End, StringComparison.Ordinal)..];
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_service_starts_with_the_defaults_that_it_carries(string name)
    {
        var file = RepositoryFiles.Path("services", ServicesUnderTest.All[name].Title, $"GridServices.{ServicesUnderTest.All[name].Title}.Service", "appsettings.json");
        await using var service = await ServiceApp.StartAsync(ServicesUnderTest.All[name].Build, null, $"--Settings={file}", "--Hub:Url=http://127.0.0.1:1", "--Logging:LogLevel:Default=None");
        using var client = service.Client();
        await Readiness.DemandLiveAsync(client);
    }

    private static async Task<IReadOnlyList<KnownSettings>> KnownAsync(string name)
    {
        await using var service = await ServiceApp.StartAsync(ServicesUnderTest.All[name].Build, null, "--Hub:Url=http://127.0.0.1:1", "--Logging:LogLevel:Default=None");
        return [.. service.App.Services.GetServices<KnownSettings>()];
    }

    private static async Task HoldAsync(string file, Func<string, string> make)
    {
        var ct = TestContext.Current.CancellationToken;
        var held = File.Exists(file) ? await File.ReadAllTextAsync(file, ct) : string.Empty;
        var made = make(held);
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            await File.WriteAllTextAsync(file, made, ct);
        }
        else
        {
            Assert.Equal(made, held);
        }
    }
}
