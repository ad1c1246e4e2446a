using System.Text.RegularExpressions;

namespace GridServices.Architecture.Tests;

/// <summary>Contracts &lt;- cores &lt;- services; cores see NodaTime, Contracts, Wire and arithmetic of the framework only (architecture section 2).</summary>
public sealed partial class ReferencesPointOneWay
{
    [Fact]
    public void Contracts_reference_NodaTime_and_nothing_else()
    {
        var contracts = Repository.Projects.Single(p => p.Name == "GridServices.Contracts");
        Assert.Empty(contracts.Projects);
        Assert.Equal(["NodaTime"], contracts.Packages);
    }

    [Fact]
    public void The_client_references_contracts_NodaTime_and_Refit_only()
    {
        var client = Repository.Projects.Single(p => p.Name == "GridServices.Client");
        Assert.Equal(["GridServices.Contracts"], client.Projects);
        Assert.Empty(client.Packages.Except(["NodaTime", "Refit"]));
    }

    [Fact]
    public void Cores_reference_only_NodaTime_Contracts_Wire_checksums_and_signatures()
    {
        Assert.NotEmpty(Repository.Cores);
        var strays = from core in Repository.Cores
                     from reference in core.Projects.Concat(core.Packages)
                     where reference is not ("NodaTime" or "System.IO.Hashing" or "System.Security.Cryptography.Xml" or "GridServices.Contracts" or "GridServices.Wire")
                     select $"{core.Name} -> {reference}";
        Assert.Empty(strays);
    }

    [Fact]
    public void Services_reference_their_own_core_and_hosting_and_never_each_other()
    {
        Assert.NotEmpty(Repository.Services);
        var strays = from service in Repository.Services
                     let core = service.Name[..^".Service".Length]
                     from reference in service.Projects
                     where reference != core
                        && !(service.Name == "GridServices.Adapters.Service" && reference == "GridServices.Client")
                        && reference is not ("GridServices.Hosting" or "GridServices.Contracts" or "GridServices.Wire" or "GridServices.UtilityClients" or "GridServices.Cluster")
                     select $"{service.Name} -> {reference}";
        Assert.Empty(strays);
    }

    // They stand on the site's side of the hub, and follow it as any controller does.
    [Fact]
    public void Adapters_reference_their_core_and_the_controllers_SDK_only() => Assert.Equal(
        ["GridServices.Adapters", "GridServices.Client"],
        Repository.Projects.Single(p => p.Name == "GridServices.Adapters.Service").Projects.Order(StringComparer.Ordinal));

    // .NET tells of a connection that was reset at once with an exception that no caller of HTTP expects.
    [Fact]
    public void Every_HTTP_connection_tells_its_faults_as_HttpRequestException()
    {
        string[] makers = ["HubConnections.cs", "GuardedConnections.cs"];
        var connecting = Repository.Files("*.cs").Where(file => !file.StartsWith("tests/", StringComparison.Ordinal) && !makers.Contains(Path.GetFileName(file)))
            .Select(file => (File: file, Text: Repository.Read(file))).Where(file => Connections().IsMatch(file.Text)).ToList();
        Assert.NotEmpty(connecting);
        Assert.Empty(connecting.Where(file => Connections().Count(file.Text) > Wrapped().Count(file.Text)).Select(file => file.File));
    }

    [Fact]
    public void The_utility_clients_room_knows_no_protocol()
    {
        var room = Repository.Projects.Single(p => p.Name == "GridServices.UtilityClients");
        Assert.Equal(["GridServices.Hosting", "GridServices.Wire"], room.Projects.Order(StringComparer.Ordinal));
        Assert.Equal(
            ["GridServices.Ieee2030Dot5.Service", "GridServices.OpenAdr.Service"],
            Repository.Services.Where(s => s.Projects.Contains(room.Name)).Select(s => s.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Compiled_cores_use_no_input_output_assembly()
    {
        string[] forbidden = ["System.Net", "System.Data", "Microsoft.AspNetCore", "Microsoft.Extensions", "System.IO.FileSystem", "Microsoft.Data", "Npgsql", "Dapper"];
        var strays = from core in Repository.Cores.Append(Repository.Projects.Single(p => p.Name == "GridServices.Contracts"))
                     from reference in CompiledReferences(core)
                     where forbidden.Any(f => reference == f || reference.StartsWith(f + ".", StringComparison.Ordinal))
                     select $"{core.Name} -> {reference}";
        Assert.Empty(strays);
    }

    [Fact]
    public void Product_code_never_references_tests_or_simulators()
    {
        var strays = from project in Repository.Projects
                     where !project.Folder.StartsWith("tests/", StringComparison.Ordinal) && !project.Folder.StartsWith("deploy/", StringComparison.Ordinal)
                     from reference in project.Projects
                     where reference.Contains("Simulators", StringComparison.Ordinal) || reference.EndsWith(".Tests", StringComparison.Ordinal)
                     select $"{project.Name} -> {reference}";
        Assert.Empty(strays);
    }

    private static IEnumerable<string> CompiledReferences(ProjectFile core) =>
        System.Reflection.Assembly.Load(core.Name).GetReferencedAssemblies().Select(name => name.Name ?? string.Empty);

    [GeneratedRegex(@"new SocketsHttpHandler|new HttpClientHandler|new HttpClient\(\)|new HttpClient \{|Connections[^\n;]*\.CreateHandler\(", RegexOptions.NonBacktracking)]
    private static partial Regex Connections();

    [GeneratedRegex(@"new ConnectionFaultHandler\(|new AccessTokenSource\(", RegexOptions.NonBacktracking)]
    private static partial Regex Wrapped();
}
