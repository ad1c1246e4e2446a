using System.Net;

namespace GridServices.Local.Tests;

public sealed class LeftOutTests
{
    [Theory]
    [InlineData(HttpStatusCode.NoContent)]
    [InlineData(HttpStatusCode.NotFound)]
    public async Task The_hub_is_told_not_to_wait_for_what_a_run_leaves_out_whether_it_knows_it_or_not(HttpStatusCode answer)
    {
        using var hub = new Hub(answer);
        await hub.StrikeAsync(["operations"]);
        Assert.Equal(["DELETE http://127.0.0.1:5100/v1/publishers/gridservices/operations/1 Bearer dev-operator"], hub.Asked);
    }

    [Fact]
    public async Task Where_nothing_is_left_out_nothing_is_struck()
    {
        using var hub = new Hub(HttpStatusCode.NoContent);
        await hub.StrikeAsync([]);
        Assert.Empty(hub.Asked);
    }

    [Fact]
    public async Task A_hub_that_refuses_is_told()
    {
        using var hub = new Hub(HttpStatusCode.Forbidden);
        var fault = await Assert.ThrowsAsync<LaunchException>(() => hub.StrikeAsync(["operations"]));
        Assert.Contains("/gridservices/operations/1", fault.Message, StringComparison.Ordinal);
        Assert.Contains("why not", fault.Message, StringComparison.Ordinal);
    }

    private sealed class Hub(HttpStatusCode answer) : HttpMessageHandler
    {
        public List<string> Asked { get; } = [];

        public async Task StrikeAsync(IReadOnlyList<string> programs)
        {
            var program = new LocalProgram("envelope-hub", "EnvelopeHub", "", 5100, [], new Dictionary<string, string>(), "/health/ready", OutputAudience.Log);
            using var http = new HttpClient(this, disposeHandler: false);
            var api = new ServiceApi(http, new Topology("", "Release", [program], ""), new Tokens("dev-publisher", "dev-controller", "dev-operator"));
            await LeftOut.RemoveAsync(api, programs, TestContext.Current.CancellationToken);
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add($"{request.Method} {request.RequestUri} {request.Headers.Authorization}");
            return Task.FromResult(new HttpResponseMessage(answer) { Content = new StringContent("why not") });
        }
    }
}
