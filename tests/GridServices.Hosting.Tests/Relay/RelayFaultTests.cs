using GridServices.Contracts;
using GridServices.Hosting.Publishing;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GridServices.Hosting.Tests.Relay;

/// <summary>What the relay does when the hub refuses, garbles, cuts, or keeps silent.</summary>
public sealed class RelayFaultTests : RelayRig
{
    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(302)]
    [InlineData(400)]
    [InlineData(422)]
    public async Task AHub_that_refuses_the_request_gets_it_again_until_it_takes_it(int status)
    {
        Hub.ThenStatus(status, times: 3);
        await using var service = await StartAsync();
        await AddAsync(service, Items(20));
        await EmptyAsync(service);
        Assert.Equal(Items(20).Select(item => EventId.Read(item.Body)), Hub.Accepted.Select(item => item.Id));
        Assert.Equal(4, Hub.Batches.Count);
    }

    [Theory]
    [InlineData("this is not json")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"results\":null}")]
    [InlineData("{\"results\":[]}")]
    [InlineData("{\"results\":[null,null]}")]
    [InlineData("{\"results\":[{\"id\":\"x\",\"status\":\"accepted\"},{\"id\":\"y\",\"status\":\"accepted\"}]}")]
    [InlineData("{\"results\":[{\"status\":\"perhaps\"},{\"status\":\"accepted\"}]}")]
    public async Task A_garbage_answer_settles_nothing(string answer)
    {
        Hub.Then((context, _) => context.Response.WriteAsync(answer));
        await using var service = await StartAsync();
        await AddAsync(service, Items(2));
        await EmptyAsync(service);
        Assert.Equal(2, Hub.Batches.Count);
        Assert.Equal(2, Hub.Accepted.Count);
    }

    [Fact]
    public async Task An_answer_that_never_comes_is_given_up_and_the_batch_sent_again()
    {
        Hub.Then(async (context, events) =>
        {
            Hub.Take(events);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await using var service = await StartAsync(options: Quick with { Timeout = TimeSpan.FromMilliseconds(300) });
        await AddAsync(service, Items(5));
        await EmptyAsync(service);
        Assert.True(Hub.Batches.Count >= 2, "it was not sent again");
        Assert.Equal(5, Hub.Accepted.Count);
    }

    [Fact]
    public async Task A_connection_cut_in_the_answer_is_tried_again()
    {
        Hub.Then((context, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await using var service = await StartAsync();
        await AddAsync(service, Items(5));
        await EmptyAsync(service);
        Assert.Equal(5, Hub.Accepted.Count);
    }

    [Fact]
    public async Task A_rejected_item_is_parked_for_people_to_see_and_the_rest_goes_on()
    {
        Hub.Then((context, events) => FakeHub.AnswerAsync(context, Hub.Take(events, item => item.Id == "e1" ? Problems.Create(ErrorClass.SemanticOverlap, "segments 1 and 2 overlap", "/data/segments/2") : null)));
        await using var service = await StartAsync();
        await AddAsync(service, Items(4));
        await EmptyAsync(service);
        Assert.Equal(["e0", "e2", "e3"], Hub.Accepted.Select(item => item.Id));

        var view = await ViewAsync(service);
        Assert.Equal((0, 1), (view.Pending, view.Parked));
        var parked = Assert.Single(view.ParkedItems);
        Assert.Equal(("site-1", "e1", "/data/segments/2"), (parked.SiteId, parked.EventId, parked.Problem!.Pointer));
        Assert.Equal(ErrorClass.SemanticOverlap, Problems.FindClass(parked.Problem));
        await AddAsync(service, [Item("later", "site-1")]);
        await EmptyAsync(service);
        Assert.Contains(Hub.Accepted, item => item.Id == "later");
    }

    [Fact]
    public async Task A_site_whose_item_fails_for_now_waits_with_all_its_later_items_while_others_go_on()
    {
        var failures = 0;
        Problem? Judge(FakeHub.Event item) => item.Site.EndsWith("site-0", StringComparison.Ordinal) && item.Id == "e0" && failures++ < 3 ? Problems.Create(ErrorClass.Unavailable, "busy") : null;
        for (var i = 0; i < 40; i++)
        {
            Hub.Then((context, events) => FakeHub.AnswerAsync(context, Hub.Take(events, Judge)));
        }

        // One item a request: what is sent of site-0 is then exactly what the relay thinks may go.
        await using var service = await StartAsync(options: Quick with { MaxItems = 1 });
        await AddAsync(service, [Item("e0", "site-0"), Item("e1", "site-0"), Item("f0", "site-1"), Item("f1", "site-1")]);
        await EmptyAsync(service);
        Assert.Equal(["e0", "e1"], Hub.Accepted.Where(item => item.Site.EndsWith("site-0", StringComparison.Ordinal)).Select(item => item.Id));
        Assert.Equal(["f0", "f1"], Hub.Accepted.Where(item => item.Site.EndsWith("site-1", StringComparison.Ordinal)).Select(item => item.Id));
        Assert.Equal("f0", Hub.Accepted[0].Id);
        Assert.Equal(4, failures);
    }

    [Fact]
    public async Task A_batch_that_is_too_large_is_halved_until_it_fits()
    {
        for (var i = 0; i < 60; i++)
        {
            Hub.Then((context, events) =>
            {
                if (events.Count > 7)
                {
                    context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
                    return Task.CompletedTask;
                }

                return FakeHub.AnswerAsync(context, Hub.Take(events));
            });
        }

        await using var service = await StartAsync();
        await AddAsync(service, Items(50));
        await EmptyAsync(service);
        Assert.Equal(Items(50).Select(item => EventId.Read(item.Body)), Hub.Accepted.Select(item => item.Id));
    }

    [Fact]
    public async Task One_item_that_spoils_its_batch_is_found_and_parked_alone()
    {
        for (var i = 0; i < 40; i++)
        {
            Hub.Then((context, events) =>
            {
                if (events.Any(item => item.Id == "e13"))
                {
                    context.Response.StatusCode = StatusCodes.Status400BadRequest;
                    return context.Response.WriteAsJsonAsync(Problems.Create(ErrorClass.Malformed, "one of them is no JSON"), ContractJson.Options);
                }

                return FakeHub.AnswerAsync(context, Hub.Take(events));
            });
        }

        await using var service = await StartAsync();
        await AddAsync(service, Items(30));
        await EmptyAsync(service);
        Assert.Equal(29, Hub.Accepted.Count);
        Assert.Equal("e13", Assert.Single((await ViewAsync(service)).ParkedItems).EventId);
    }

    [Fact]
    public async Task The_service_stops_soon_although_theHub_never_answers()
    {
        Hub.Then((context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted));
        var service = await StartAsync(options: Quick with { Timeout = TimeSpan.FromHours(1), StopGrace = TimeSpan.FromMilliseconds(200) });
        await AddAsync(service, Items(1));
        await UntilAsync(() => Hub.Batches.Count > 0);
        await service.DisposeAsync().AsTask().WaitAsync(Until.Ceiling);
    }
}
