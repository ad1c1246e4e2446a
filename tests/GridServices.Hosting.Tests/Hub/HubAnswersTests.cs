using System.Net;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Hub;
using Refit;

namespace GridServices.Hosting.Tests.Hub;

public sealed class HubAnswersTests
{
    private static readonly string Problem = JsonSerializer.Serialize(Problems.Create(ErrorClass.NotFound, "never heard of it"), ContractJson.Options);

    public static TheoryData<int, string, bool> Answers => new()
    {
        { 404, Problem, true },
        { 404, "<html>no such page</html>", false },
        { 404, "", false },
        { 404, """{"type":"about:blank","title":"Not Found","status":404}""", false },
        { 410, Problem, false },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task A_site_without_a_past_is_what_the_hub_says_and_not_what_something_between_says(int status, string body, bool isNotFound)
    {
        var api = RestService.ForGenerated<IHubApi>(new HttpClient(new Portal(status, body)) { BaseAddress = new Uri("http://hub.test") }, new RefitSettings());
        using var answer = await api.GetTelemetryAsync("site-1", "a", "b", null, TestContext.Current.CancellationToken);
        Assert.Equal(isNotFound, answer.IsNotFoundAtHub());
        Assert.Throws<HttpRequestException>(() => answer.Require());
    }

    private sealed class Portal(int status, string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage((HttpStatusCode)status) { RequestMessage = request, Content = new StringContent(body, Encoding.UTF8, "application/json") });
    }
}
