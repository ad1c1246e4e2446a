using System.Net;
using System.Net.Http.Headers;
using System.Text;
using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;

namespace GridServices.Hosting.Tests.Relay;

/// <summary>What each answer of the hub, or of something between, means for the batch that was sent.</summary>
public sealed class HubChannelTests
{
    private const string Unfit = """{ "type": "urn:gridservices:problem:SCHEMA_INVALID", "title": "no", "status": 422, "detail": "bad envelope" }""";

    [Fact]
    public async Task Results_are_brought_to_their_items_with_the_hubs_epoch()
    {
        var reply = Assert.IsType<HubReply.Answered>(await PostAsync(HttpStatusCode.OK, """{ "epoch": "e1", "results": [ { "id": "b", "status": "duplicate" }, { "id": "a", "status": "accepted" } ] }"""));
        Assert.Equal("e1", reply.Epoch);
        Assert.Equal([PublishStatus.Accepted, PublishStatus.Duplicate], reply.Results.Select(r => r.Status));
    }

    [Theory]
    [InlineData("""{ "results": [ { "id": "a", "status": "accepted" } ] }""", "does not fit")]
    [InlineData("""{ "results": [ { "id": "a", "status": "accepted" }, { "id": "z", "status": "accepted" } ] }""", "does not fit")]
    [InlineData("<html>sign in</html>", "can't be read")]
    [InlineData("", "can't be read")]
    public async Task An_answer_that_is_not_about_the_batch_settles_nothing(string body, string because) =>
        Assert.Contains(because, Assert.IsType<HubReply.Failed>(await PostAsync(HttpStatusCode.OK, body)).Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.Forbidden)]
    public async Task A_refused_token_waits_for_a_person_who_reads_where_it_is_set(HttpStatusCode status) =>
        Assert.Contains("Check Hub:Token", Assert.IsType<HubReply.Misconfigured>(await PostAsync(status, string.Empty)).Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.Found)]
    [InlineData(HttpStatusCode.Created)]
    public async Task An_address_that_is_not_the_hubs_waits_for_a_person_too(HttpStatusCode status) =>
        Assert.Contains("Check Hub:Url", Assert.IsType<HubReply.Misconfigured>(await PostAsync(status, string.Empty)).Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, false)]
    [InlineData(HttpStatusCode.UnprocessableEntity, false)]
    [InlineData(HttpStatusCode.RequestEntityTooLarge, true)]
    public async Task The_hubs_own_word_that_a_batch_is_unfit_sets_it_aside(HttpStatusCode status, bool tooLarge)
    {
        var reply = Assert.IsType<HubReply.Unfit>(await PostAsync(status, Unfit));
        Assert.Equal((tooLarge, "bad envelope"), (reply.TooLarge, reply.Problem.Detail));
    }

    [Theory]
    [InlineData("<html>blocked</html>")]
    [InlineData("""{ "type": "about:blank", "title": "no", "status": 400 }""")]
    public async Task A_portals_400_sets_nothing_aside(string body) => Assert.IsType<HubReply.Failed>(await PostAsync(HttpStatusCode.BadRequest, body));

    [Fact]
    public async Task Too_large_for_something_between_is_too_large_all_the_same() =>
        Assert.True(Assert.IsType<HubReply.Unfit>(await PostAsync(HttpStatusCode.RequestEntityTooLarge, "<html/>")).TooLarge);

    [Theory]
    [InlineData(HttpStatusCode.RequestTimeout)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public async Task A_hub_that_can_not_now_is_tried_again_after_the_time_that_it_asks_for(HttpStatusCode status)
    {
        var reply = Assert.IsType<HubReply.Failed>(await PostAsync(status, string.Empty, TimeSpan.FromSeconds(7)));
        Assert.Equal(TimeSpan.FromSeconds(7), reply.RetryAfter);
    }

    [Fact]
    public async Task A_line_that_breaks_is_tried_again()
    {
        using var link = new HubLink(new HubOptions(), new Answer((_, _) => throw new HttpRequestException("outer", new IOException("connection reset"))));
        Assert.Equal("connection reset", Assert.IsType<HubReply.Failed>(await new HubChannel(link, new RelayOptions()).PostAsync(Rows, TestContext.Current.CancellationToken)).Reason);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_in_time_is_given_up_and_one_that_is_cut_by_the_stop_is_no_answer()
    {
        using var link = new HubLink(new HubOptions(), new Answer(async (_, ct) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            return new HttpResponseMessage();
        }));
        var channel = new HubChannel(link, new RelayOptions { Timeout = TimeSpan.FromMilliseconds(20) });
        Assert.Contains("no answer within", Assert.IsType<HubReply.Failed>(await channel.PostAsync(Rows, TestContext.Current.CancellationToken)).Reason, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => channel.PostAsync(Rows, new CancellationToken(canceled: true)));
    }

    private static IReadOnlyList<OutboxRow> Rows { get; } = [Row(1, "a"), Row(2, "b")];

    private static OutboxRow Row(long id, string name) => new() { Id = id, SiteId = "site-1", Body = Encoding.UTF8.GetBytes($$"""{"specversion":"1.0","id":"{{name}}"}""") };

    private static async Task<HubReply> PostAsync(HttpStatusCode status, string body, TimeSpan? retryAfter = null)
    {
        using var link = new HubLink(new HubOptions(), new Answer((_, _) =>
        {
            var answer = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            answer.Headers.RetryAfter = retryAfter is { } after ? new RetryConditionHeaderValue(after) : null;
            return Task.FromResult(answer);
        }));
        return await new HubChannel(link, new RelayOptions()).PostAsync(Rows, TestContext.Current.CancellationToken);
    }

    private sealed class Answer(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => answer(request, cancellationToken);
    }
}
