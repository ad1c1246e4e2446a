using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Ieee2030Dot5.Service.Tests.Rig;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Ieee2030Dot5.Service.Tests.Hub;

/// <summary>A service that starts while its server shows only a part of its tree: what it has stored counts only once the tree was read to the end.</summary>
public sealed class HearingTests
{
    [Fact]
    public async Task A_stream_is_not_heard_after_a_start_until_the_tree_was_read_to_the_end()
    {
        await using var server = await TreeServer.StartAsync();
        await using var rig = await ServiceRig.StartAsync();
        Assert.Contains("No client", WhyUnheard(rig), StringComparison.Ordinal);
        await rig.PutAsync(ServiceRig.Path, Config(server));
        await ServiceRig.UntilAsync(() => WhyUnheard(rig) is null);
        await rig.StopServiceAsync();
        foreach (var path in new[] { "/dcap", "/edev/1/fsa" })
        {
            server.Scripts[path] = http =>
            {
                http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return Task.CompletedTask;
            };
        }

        await rig.StartServiceAsync();
        Assert.NotNull(WhyUnheard(rig));

        Assert.True(server.Scripts.Remove("/dcap", out _));
        await ServiceRig.UntilAsync(() => WhyUnheard(rig)?.Contains("AssignmentsList", StringComparison.Ordinal) == true);
        server.Scripts.Clear();
        await ServiceRig.UntilAsync(() => WhyUnheard(rig) is null);
    }

    private static string? WhyUnheard(ServiceRig rig) =>
        rig.Service.App.Services.GetRequiredService<IStreamHearing>().WhyUnheard(new SpokenStream("default", "site-1", new StreamId("ieee2030-5", "any"), IsFresh: false));

    private static JsonObject Config(TreeServer server) => JsonNode.Parse($$"""
        { "serverUrl": "{{server.Url}}dcap", "siteId": "site-1", "lfdi": "{{TreeServer.Lfdi}}", "pin": "111115", "nameplate": { "maxW": 10000 },
          "reporting": { "enabled": false }, "polling": { "floor": "PT0.2S", "maxBackOff": "PT1S" } }
        """)!.AsObject();
}
