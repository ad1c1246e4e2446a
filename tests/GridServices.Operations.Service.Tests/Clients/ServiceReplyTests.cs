using System.Net;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Operations.Service.Clients;
using Refit;

namespace GridServices.Operations.Service.Tests.Clients;

/// <summary>Only what a service itself answers counts: a portal's page is neither a document, nor its absence, nor a deletion.</summary>
public sealed class ServiceReplyTests
{
    private const string Page = "<html>please log in</html>";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(200, "text/html", Page)]
    [InlineData(200, "application/json", "")]
    [InlineData(200, "application/json", "null")]
    [InlineData(200, "application/json", "\"hello\"")]
    [InlineData(204, "text/plain", "")]
    [InlineData(302, "text/html", Page)]
    [InlineData(400, "text/html", Page)]
    [InlineData(404, "text/html", Page)]
    [InlineData(404, "application/json", "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404}")]
    [InlineData(412, "text/html", Page)]
    public async Task What_something_between_answers_says_nothing_of_a_document(int status, string mediaType, string body)
    {
        var (openAdr, tariffs) = (Api<IOpenAdrApi>(status, mediaType, body), Api<ITariffsApi>(status, mediaType, body));
        using var ven = await openAdr.GetVenAsync("t", "ven-1", Ct);
        using var put = await openAdr.PutVenAsync("t", "ven-1", null, JsonSerializer.SerializeToElement(new { }), Ct);
        using var intervals = await tariffs.GetIntervalsAsync("t", "m-1", "a", "b", Ct);
        foreach (var reply in new[] { ServiceReply.Read(ven), ServiceReply.Read(put) })
        {
            Assert.Equal(ReplyKind.Away, reply.Kind);
            Assert.Contains(ServiceReply.Foreign, reply.Problem, StringComparison.Ordinal);
        }

        Assert.Equal(ReplyKind.Away, ServiceReply.Read(intervals).Kind);
    }

    [Theory]
    [InlineData(200, "text/html", Page)]
    [InlineData(202, "text/plain", "")]
    [InlineData(404, "text/html", Page)]
    public async Task A_deletion_is_done_only_when_the_service_says_so(int status, string mediaType, string body)
    {
        using var answer = await Api<IOpenAdrApi>(status, mediaType, body).DeleteVenAsync("t", "ven-1", null, Ct);
        Assert.Equal(ReplyKind.Away, ServiceReply.Read(answer).Kind);
        using var done = await Api<IOpenAdrApi>(204, "text/plain", string.Empty).DeleteVenAsync("t", "ven-1", null, Ct);
        Assert.Equal(ReplyKind.Done, ServiceReply.Read(done).Kind);
    }

    [Theory]
    [InlineData(ErrorClass.NotFound, "NotThere")]
    [InlineData(ErrorClass.Conflict, "Refused")]
    [InlineData(ErrorClass.SemanticNumber, "Refused")]
    [InlineData(ErrorClass.Unavailable, "Away")]
    public async Task A_services_own_problems_are_understood(ErrorClass kind, string expected)
    {
        var problem = JsonSerializer.Serialize(Problems.Create(kind, "because"), ContractJson.Options);
        using var answer = await Api<IOpenAdrApi>(Problems.GetStatus(kind), "application/problem+json", problem).GetVenAsync("t", "ven-1", Ct);
        var reply = ServiceReply.Read(answer);
        Assert.Equal((expected, "because"), (reply.Kind.ToString(), reply.Problem));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"items\":5}")]
    public void A_page_that_is_no_list_is_not_an_empty_one(string body) => Assert.Throws<JsonException>(() => ServiceCalls.Page(JsonDocument.Parse(body).RootElement));

    private static T Api<T>(int status, string mediaType, string body) => RestService.ForGenerated<T>(
        new HttpClient(new StubHandler(status, mediaType, body)) { BaseAddress = new Uri("http://service.test") }, new RefitSettings());

    private sealed class StubHandler(int status, string mediaType, string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage((HttpStatusCode)status) { RequestMessage = request, Content = new StringContent(body, Encoding.UTF8, mediaType) });
    }
}
