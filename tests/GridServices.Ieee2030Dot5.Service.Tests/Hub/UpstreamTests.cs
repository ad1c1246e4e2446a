using System.Text.Json.Nodes;
using GridServices.Ieee2030Dot5.Service.Tests.Rig;
using Microsoft.AspNetCore.Http;

namespace GridServices.Ieee2030Dot5.Service.Tests.Hub;

/// <summary>A server that answers with nothing that can be used is not ok: the client says so, the doctor says what to do, and its streams are not told to be healthy.</summary>
public sealed class UpstreamTests
{
    [Theory]
    [InlineData("/dcap", 200, "text/html", "<!doctype html><html>Log in</html>", "captive portal")]
    [InlineData("/dcap", 401, null, "", "LFDI")]
    [InlineData("/dcap", 404, null, "", "serverUrl")]
    [InlineData("/dcap", 200, "application/sep-exi", "$EXI", "EXI")]
    [InlineData("/edev", 403, null, "", "LFDI")]
    [InlineData("/edev/1/fsa", 200, "application/sep+xml", "<FunctionSetAssignmentsList xmlns=\"urn:ieee:std:2030.5:ns\" all=\"0\" results=\"0\" pollRate=\"1\"/>", "program")]
    public async Task An_unusable_server_is_never_ok_and_the_doctor_names_it(string path, int status, string? type, string body, string advice)
    {
        await using var server = await TreeServer.StartAsync();
        await using var rig = await ServiceRig.StartAsync();
        server.Scripts[path] = async http =>
        {
            http.Response.StatusCode = status;
            http.Response.ContentType = type;
            await http.Response.WriteAsync(body);
        };
        await rig.PutAsync(ServiceRig.Path, Config(server));
        var client = await ServiceRig.UntilAsync(
            () => rig.GetAsync(ServiceRig.Path), c => c["condition"]!["detail"]?.GetValue<string>().Contains(path == "/edev/1/fsa" ? "no program" : $"{path} can't be used", StringComparison.Ordinal) == true);
        Assert.Contains(client["condition"]!["status"]!.GetValue<string>(), new[] { "stale", "lost" });

        var report = await rig.GetAsync(ServiceRig.Path + "/doctor");
        var told = string.Join('\n', report["advice"]!.AsArray().Select(a => a!.GetValue<string>()));
        Assert.Contains("can't be followed", told, StringComparison.Ordinal);
        Assert.Contains(advice, told, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Nothing is wrong", told, StringComparison.Ordinal);

        server.Scripts.Clear();
        await ServiceRig.UntilAsync(() => rig.GetAsync(ServiceRig.Path), c => c["condition"]!["status"]!.GetValue<string>() == "ok");
    }

    [Fact]
    public async Task A_superseded_control_is_listed_so_and_told_holds_only_what_the_server_took()
    {
        await using var server = await TreeServer.StartAsync();
        await using var rig = await ServiceRig.StartAsync();
        const string Weak = "11110000000000000000000000000001";
        const string Strong = "11110000000000000000000000000002";
        var silent = server.Control(Weak, TreeServer.Limit("opModExpLimW", 5000), -10, 600).Replace("responseRequired=\"03\"", "responseRequired=\"00\"", StringComparison.Ordinal);
        server.Issue(silent);
        await rig.PutAsync(ServiceRig.Path, Config(server));
        await rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == Weak));
        server.Issue(silent, server.Control(Strong, TreeServer.Limit("opModExpLimW", 4000), -5, 600));
        var controls = await ServiceRig.UntilAsync(() => rig.GetAsync(ServiceRig.Path + "/controls"), c => c.AsArray().Any(x => x!["mRid"]?.GetValue<string>() == Strong && x["told"]!.AsArray().Count == 2));

        var weak = controls.AsArray().Single(c => c!["mRid"]!.GetValue<string>() == Weak)!;
        Assert.Equal("superseded", weak["status"]!.GetValue<string>());
        Assert.Empty(weak["told"]!.AsArray());
        Assert.InRange(weak["serverAheadS"]!.GetValue<double>(), -30, 30);
    }

    [Fact]
    public async Task A_program_whose_list_moves_to_what_fails_is_named_and_stays_in_force_over_a_restart()
    {
        await using var server = await TreeServer.StartAsync();
        await using var rig = await ServiceRig.StartAsync();
        const string InForce = "11110000000000000000000000000007";
        server.Issue(server.Control(InForce, TreeServer.Limit("opModExpLimW", 700), -10, 3600));
        await rig.PutAsync(ServiceRig.Path, Config(server));
        await rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == InForce));
        server.Scripts["/v2/derp"] = http =>
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        };
        server.Documents["/edev/1/fsa"] = server.Documents["/edev/1/fsa"].Replace("\"/derp\"", "\"/v2/derp\"", StringComparison.Ordinal);
        await NamedAsync(rig);
        await rig.UntilTakenAsync(InForce, 2);
        await rig.StopServiceAsync();
        await rig.StartServiceAsync();
        await NamedAsync(rig);
        Assert.Equal("active", (await rig.GetAsync(ServiceRig.Path + "/controls")).AsArray().Single(c => c!["mRid"]!.GetValue<string>() == InForce)!["status"]!.GetValue<string>());

        server.Documents["/v2/derp"] = server.Documents["/derp"];
        server.Scripts.Clear();
        await ServiceRig.UntilAsync(() => rig.GetAsync(ServiceRig.Path), c => c["condition"]!["status"]!.GetValue<string>() == "ok");
        Assert.Equal(["1", "2"], server.GetStatuses(InForce));

        static Task NamedAsync(ServiceRig rig) => ServiceRig.UntilAsync(() => rig.GetAsync(ServiceRig.Path), c =>
            c["condition"]!["detail"]?.GetValue<string>() is { } detail && detail.Contains("/v2/derp", StringComparison.Ordinal) && detail.Contains("stays in force", StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_a_start_nothing_is_ok_before_what_orders_limits_was_read_again()
    {
        await using var server = await TreeServer.StartAsync();
        await using var rig = await ServiceRig.StartAsync();
        await rig.PutAsync(ServiceRig.Path, Config(server));
        await ServiceRig.UntilAsync(() => rig.GetAsync(ServiceRig.Path), c => c["condition"]!["status"]!.GetValue<string>() == "ok");
        await rig.StopServiceAsync();
        var asked = new TaskCompletionSource();
        var goesOn = new TaskCompletionSource();
        server.Scripts["/edev"] = async http =>
        {
            asked.TrySetResult();
            await goesOn.Task;
            await http.Response.WriteAsync("<html/>");
        };
        await rig.StartServiceAsync();

        // DeviceCapability was answered by then, and nothing else.
        await asked.Task;
        Assert.NotEqual("ok", (await rig.GetAsync(ServiceRig.Path))["condition"]!["status"]!.GetValue<string>());
        server.Scripts.Clear();
        goesOn.SetResult();
        await ServiceRig.UntilAsync(() => rig.GetAsync(ServiceRig.Path), c => c["condition"]!["status"]!.GetValue<string>() == "ok");
    }

    private static JsonObject Config(TreeServer server) => JsonNode.Parse($$"""
        { "serverUrl": "{{server.Url}}dcap", "siteId": "site-1", "lfdi": "{{TreeServer.Lfdi}}", "pin": "111115", "nameplate": { "maxW": 10000 },
          "reporting": { "enabled": false }, "polling": { "floor": "PT0.2S", "maxBackOff": "PT1S" } }
        """)!.AsObject();
}
