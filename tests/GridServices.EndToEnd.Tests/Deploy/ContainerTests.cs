using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests.Deploy;

/// <summary>deploy/containers and deploy/kubernetes, as far as they can be judged without an engine.</summary>
public sealed partial class ContainerTests
{
    private const string Account = "1654";
    private static readonly JsonNode Compose = Yaml.Read(DeployedService.Folder("containers", "compose.yml"));
    private static readonly IReadOnlyList<JsonNode> Manifests =
        [.. Yaml.Read(DeployedService.Folder("kubernetes", "kustomization.yaml"))["resources"].Items().SelectMany(file => Yaml.ReadAll(DeployedService.Folder("kubernetes", file.ToString())))];

    private static readonly IReadOnlyList<string> Listening = [.. DeployedService.All.Where(service => service.Port is not null).Select(service => service.Name)];

    public static TheoryData<string> Names => [.. Listening];

    [Theory]
    [MemberData(nameof(Names))]
    public void Compose_runs_a_service_of_ours_at_its_port_closed_and_with_its_own_settings(string name)
    {
        var (service, known) = (Compose["services"]![name]!, DeployedService.Get(name));
        Assert.Equal(known.Title, service["build"]!["args"].Text("TITLE"));
        Assert.Equal(known.Port.ToString(), service["build"]!["args"].Text("PORT"));
        Assert.Equal($"127.0.0.1:{known.Port}:{known.Port}", Assert.Single(service["ports"].Items()).ToString());
        Assert.Equal(["--Settings", $"/run/secrets/{name}.json"], service["command"].Items().Select(word => word.ToString()));
        DemandSettings(name, service["environment"].Members().ToDictionary(pair => pair.Key, pair => pair.Value!.ToString(), StringComparer.Ordinal));
    }

    [Fact]
    public void No_container_of_compose_is_root_writes_into_its_image_or_gains_rights()
    {
        var services = Compose["services"].Members().ToList();
        Assert.Equal(Listening.Count + 1, services.Count);
        foreach (var service in services.Select(pair => Merged(pair.Value!)))
        {
            Assert.Equal("true", service("read_only")!.ToString());
            Assert.DoesNotContain(service("user")!.ToString(), new[] { "root", "0", "0:0" });
            Assert.Equal("ALL", Assert.Single(service("cap_drop").Items()).ToString());
            Assert.Contains(service("security_opt").Items(), option => option.ToString() == "no-new-privileges:true");
        }
    }

    [Fact]
    public void Every_secret_that_is_named_is_a_file_that_the_script_makes()
    {
        var script = File.ReadAllText(DeployedService.Folder("containers", "make-secrets.sh"));
        var named = Compose["services"].Members().SelectMany(pair => pair.Value!["secrets"].Items().Select(secret => secret.ToString())).Distinct(StringComparer.Ordinal);
        foreach (var secret in named)
        {
            var file = Compose["secrets"]![secret].Text("file");
            Assert.Equal($"secrets/{secret}", file);
            Assert.True(script.Contains($"$folder/{secret}\"", StringComparison.Ordinal) || (script.Contains("$folder/$name.json", StringComparison.Ordinal) && Listening.Select(name => name + ".json").Contains(secret)), secret);
        }
    }

    [Fact]
    public async Task The_script_makes_settings_that_parse_with_tokens_known_by_their_hashes()
    {
        using var folder = new Folder();
        var made = Path.Combine(folder.Path, "secrets");
        var said = await Tool.RunAsync("bash", "bash", [DeployedService.Folder("containers", "make-secrets.sh"), made]);
        Assert.True(said.Code == 0, said.Text);
        var tokens = await File.ReadAllTextAsync(Path.Combine(made, "tokens.json"));
        var hub = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(made, "tariffs.json")))!["Hub"].Text("Token");
        Assert.Contains(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(hub))), tokens, StringComparison.Ordinal);
        Assert.Equal("600", (await Tool.RunAsync("coreutils", "stat", ["-c", "%a", Path.Combine(made, "operations.json")])).Text.Trim());
        Assert.All(Listening, name => Assert.NotEmpty(JsonNode.Parse(File.ReadAllText(Path.Combine(made, name + ".json")))!["Storage"].Text("PostgreSql")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Kubernetes_runs_one_pod_of_a_service_probed_at_its_port_closed_and_with_secrets_by_reference(string name)
    {
        var set = Manifest("StatefulSet", name)["spec"]!;
        Assert.Equal("1", set.Text("replicas"));
        var pod = set["template"]!["spec"]!;
        Assert.Equal(("true", Account), (pod["securityContext"].Text("runAsNonRoot"), pod["securityContext"].Text("runAsUser")));
        Assert.Equal("RuntimeDefault", pod["securityContext"]!["seccompProfile"].Text("type"));
        var container = Assert.Single(pod["containers"].Items());
        Assert.Equal(DeployedService.Get(name).Port.ToString(), Assert.Single(container["ports"].Items()).Text("containerPort"));
        Assert.Equal(("/health/live", "/health/live", "/health/ready"), (Probe(container, "startupProbe"), Probe(container, "livenessProbe"), Probe(container, "readinessProbe")));
        var rights = container["securityContext"]!;
        Assert.Equal(("false", "true", "ALL"), (rights.Text("allowPrivilegeEscalation"), rights.Text("readOnlyRootFilesystem"), rights["capabilities"]!["drop"].Items().Single().ToString()));
        Assert.NotEmpty(container["resources"]!["limits"].Text("memory"));
        Assert.Equal(
            pod["volumes"].Items().Select(volume => volume.Text("name")).Append("data").Order(StringComparer.Ordinal),
            container["volumeMounts"].Items().Select(mount => mount.Text("name")).Order(StringComparer.Ordinal));
        Assert.Contains(pod.Everything(), node => node.Text("name") == $"gridservices-{name}" && node["items"] is not null);
        DemandSettings(name, container["env"].Items().ToDictionary(pair => pair.Text("name"), pair => pair.Text("value"), StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Kubernetes_has_a_way_to_a_service_and_lets_its_node_be_emptied(string name)
    {
        var port = Assert.Single(Manifest("Service", name)["spec"]!["ports"].Items());
        Assert.Equal(DeployedService.Get(name).Port.ToString(), port.Text("port"));
        Assert.Equal(name, Manifest("Service", name)["spec"]!["selector"].Text("app.kubernetes.io/name"));
        Assert.Equal(name, Manifest("PodDisruptionBudget", name)["spec"]!["selector"]!["matchLabels"].Text("app.kubernetes.io/name"));
        Assert.Contains(Manifest("NetworkPolicy", "services").Everything(), rule => rule.Text("port") == port.Text("port") && rule.Text("protocol") == "TCP");
    }

    [Fact]
    public void Nothing_is_let_in_that_no_rule_names_and_pods_must_be_restricted()
    {
        Assert.Empty(Manifest("NetworkPolicy", "deny-ingress")["spec"]!["podSelector"].Members());
        Assert.Equal("restricted", Manifest("Namespace", "gridservices")["metadata"]!["labels"].Text("pod-security.kubernetes.io/enforce"));
        Assert.DoesNotContain(Manifests, manifest => manifest.Text("kind") == "Secret");
    }

    [Fact]
    public void Every_image_has_a_version_and_no_file_has_a_secret()
    {
        var dockerfile = File.ReadAllText(DeployedService.Folder("containers", "Dockerfile"));
        var images = Image().Matches(dockerfile).Select(image => image.Groups["name"].Value)
            .Concat(Compose["services"].Members().Select(pair => pair.Value.Text("image")))
            .Concat(Manifests.SelectMany(manifest => manifest.Everything()).Select(node => node.Text("image")).Where(image => image.Length > 0)).ToList();
        Assert.Equal(2 + Listening.Count + 1 + Listening.Count, images.Count);
        Assert.All(images, image => Assert.Matches(@":(\d+\.\d+[\w.-]*|\$\{GRIDSERVICES_VERSION:\?.*\})$", image));
        var scalars = Compose.Everything().Concat(Manifests.SelectMany(manifest => manifest.Everything())).SelectMany(node => node.Members()).Where(member => member.Value is JsonValue);
        Assert.DoesNotContain(scalars, member => Secret().IsMatch(member.Key) && member.Value!.ToString() is not ("true" or "false") && !member.Value!.ToString().StartsWith("/run/secrets/", StringComparison.Ordinal));
    }

    [Fact]
    public void The_image_is_not_root_has_no_shell_and_asks_for_health_by_the_program_itself()
    {
        var stage = File.ReadAllText(DeployedService.Folder("containers", "Dockerfile")).Split("\nFROM ")[^1];
        Assert.Contains("-chiseled", stage.Split('\n')[0], StringComparison.Ordinal);
        Assert.Contains($"\nUSER {Account}:{Account}\n", stage, StringComparison.Ordinal);
        Assert.Contains("CMD [\"/app/service\", \"--probe\"]", stage, StringComparison.Ordinal);
        Assert.Contains("\nENTRYPOINT [\"/app/service\"]", stage, StringComparison.Ordinal);
        Assert.DoesNotContain("\nRUN ", stage, StringComparison.Ordinal);
    }

    /// <summary>Each variable is a key of the operations page, for this service; where it names another service, by its host and port.</summary>
    private static void DemandSettings(string name, IReadOnlyDictionary<string, string> variables)
    {
        var keys = KnownKeys(DeployedService.Get(name).Title);
        Assert.Equal([], variables.Keys.Select(variable => variable.Replace("__", ":", StringComparison.Ordinal)).Where(key => key != "Urls" && !keys.Contains(key)));
        Assert.Equal($"http://0.0.0.0:{DeployedService.Get(name).Port}", variables["Urls"]);
        foreach (var address in variables.Where(pair => pair.Key.EndsWith("__Url", StringComparison.Ordinal)).Select(pair => new Uri(pair.Value)))
        {
            Assert.Equal(DeployedService.Get(address.Host).Port, address.Port);
        }
    }

    private static HashSet<string> KnownKeys(string title)
    {
        var page = File.ReadAllText(RepositoryFiles.Path("docs", "operations.md"));
        var tables = page[page.IndexOf("<!-- settings:", StringComparison.Ordinal)..page.IndexOf("<!-- end of settings -->", StringComparison.Ordinal)].Split("\n### ");
        return tables.Where(table => table.StartsWith("Every service\n", StringComparison.Ordinal) || table.Split('\n')[0].Split(", ").Contains(title))
            .SelectMany(table => Key().Matches(table)).Select(key => key.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
    }

    private static JsonNode Manifest(string kind, string name) =>
        Manifests.Single(manifest => manifest.Text("kind") == kind && manifest["metadata"].Text("name") == name);

    private static string Probe(JsonNode container, string name)
    {
        Assert.Equal("http", container[name]!["httpGet"].Text("port"));
        return container[name]!["httpGet"].Text("path");
    }

    /// <summary>What a service says, or what it takes from the common part.</summary>
    private static Func<string, JsonNode?> Merged(JsonNode service) => name => service[name] ?? service["<<"]?[name];

    [GeneratedRegex("^FROM (?<name>[^ \n]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Image();

    [GeneratedRegex("(Token|Password|PASSWORD|PostgreSql|Secret|SetupCode|Keys?)(_FILE|File)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Secret();

    [GeneratedRegex(@"^\| `(?<name>[\w:]+)` \|", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Key();
}
