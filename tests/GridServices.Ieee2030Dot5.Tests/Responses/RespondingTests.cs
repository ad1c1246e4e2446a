using FsCheck;
using FsCheck.Fluent;
using GridServices.Ieee2030Dot5.Responses;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Responses;

/// <summary>What the server is told of events.</summary>
public sealed class RespondingTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Fact]
    public void Received_started_and_completed_each_once_and_at_their_time()
    {
        var world = WithControl();
        world.Run(Minute * 10);

        var told = GetStatuses(world);
        Assert.Equal(["1", "2", "3"], told.Select(t => t.Status));
        Assert.InRange((told[1].At - (World.Start + (Minute * 2))).TotalSeconds, 0, 2);
        Assert.InRange((told[2].At - (World.Start + (Minute * 4))).TotalSeconds, 0, 2);
        Assert.All(world.Server.Posts("/rsp"), p => Assert.Equal((FakeServer.Lfdi, "C1"), (Xml.Text(p.Body, "endDeviceLFDI"), Xml.Text(p.Body, "subject"))));
        Assert.StartsWith("<?xml", world.Server.Posts("/rsp")[0].Body, StringComparison.Ordinal);
        Assert.Contains("DERControlResponse", world.Server.Posts("/rsp")[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_post_is_tried_until_it_is_taken_and_the_order_stays()
    {
        var world = WithControl();
        world.Server.Status("/rsp", 503);
        world.Run(Minute * 3);
        Assert.All(world.Server.Posts("/rsp"), p => Assert.Equal("1", Xml.Text(p.Body, "status")));
        Assert.InRange(world.Server.Posts("/rsp").Count, 3, 30);

        world.Server.Status("/rsp", 201);
        var before = world.Server.Posts("/rsp").Count;
        world.Run(Minute * 5);
        Assert.Equal(["1", "2", "3"], GetStatuses(world).Skip(before).Select(t => t.Status));
    }

    [Fact]
    public void A_refused_response_is_parked_with_the_servers_word_and_the_others_go_on()
    {
        var world = WithControl();
        world.Server.On("/rsp", asked => Xml.Text(asked.Body, "status") == "1" ? new FakeServer.Reply(400, Xml.Error(1, "no such mRID")) : new FakeServer.Reply(201, string.Empty));
        world.Run(Minute * 10);

        Assert.Equal(["1", "2", "3"], GetStatuses(world).Select(t => t.Status));
        var parked = Assert.Single(world.State.Responses, r => r.Outcome == ResponseOutcome.Parked);
        Assert.Contains("no such mRID", parked.Reason, StringComparison.Ordinal);
        Assert.Equal(2, world.State.Responses.Count(r => r.Outcome == ResponseOutcome.Taken));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(410)]
    public void A_refusal_that_can_be_lifted_is_waited_for_in_order(int status)
    {
        var world = WithControl();
        world.Server.Status("/rsp", status);
        world.Run(Minute * 2 + Duration.FromSeconds(30));
        var tries = world.Server.Posts("/rsp").Count;
        Assert.InRange(tries, 2, 20);
        Assert.Single(world.Notes, n => n.Kind == NoteKind.ResponseRefused);

        world.Server.Status("/rsp", 201);
        world.Run(Minute + Duration.FromSeconds(10));
        Assert.Equal(["1", "2"], GetStatuses(world).Skip(tries).Select(t => t.Status));
        world.Run(Minute * 2);
        Assert.All(world.State.Responses, r => Assert.Equal(ResponseOutcome.Taken, r.Outcome));
    }

    [Fact]
    public void What_is_refused_until_it_is_of_no_use_is_given_up_with_the_servers_word()
    {
        var world = WithControl();
        world.Server.On("/rsp", asked => new FakeServer.Reply(Xml.Text(asked.Body, "status") == "2" ? 403 : 201, string.Empty));
        world.Run(Minute * 10);
        var started = world.State.Responses.Single(r => r.Status == 2);
        Assert.Equal(ResponseOutcome.Expired, started.Outcome);
        Assert.Contains("HTTP 403", started.Reason, StringComparison.Ordinal);
        Assert.Equal(ResponseOutcome.Taken, world.State.Responses.Single(r => r.Status == 3).Outcome);
        Assert.DoesNotContain(world.State.Line.Holds.Keys, k => k.StartsWith("respond", StringComparison.Ordinal));
    }

    [Fact]
    public void An_address_for_answers_is_relative_to_the_list_that_it_stands_in()
    {
        var world = new World().WithTree(60);
        world.Server.Status("/derp/1/answers/1", 201);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start + Minute, 120, 700, replyTo: "answers/1")]);
        world.Run(Minute * 5);
        Assert.Equal(["1", "2", "3"], world.Server.Posts("/derp/1/answers/1").Select(p => Xml.Text(p.Body, "status")));
    }

    [Fact]
    public void A_conflict_counts_as_taken()
    {
        var world = WithControl();
        world.Server.Status("/rsp", 409);
        world.Run(Minute * 10);
        Assert.Equal(3, world.Server.Posts("/rsp").Count);
        Assert.All(world.State.Responses, r => Assert.Equal(ResponseOutcome.Taken, r.Outcome));
    }

    [Fact]
    public void What_nobody_takes_for_a_day_is_given_up()
    {
        var world = WithControl();
        world.Server.Status("/rsp", 503);
        world.Run(Duration.FromHours(30));

        Assert.All(world.State.Responses, r => Assert.Equal(ResponseOutcome.Expired, r.Outcome));
        var posts = world.Server.Posts("/rsp").Count;
        world.Run(Duration.FromHours(1));
        Assert.Equal(posts, world.Server.Posts("/rsp").Count);
    }

    [Fact]
    public void Started_is_of_no_use_after_the_event()
    {
        var world = WithControl();
        world.Server.On("/rsp", asked => new FakeServer.Reply(Xml.Text(asked.Body, "status") == "2" ? 503 : 201, string.Empty));
        world.Run(Minute * 15);

        Assert.Equal(ResponseOutcome.Expired, world.State.Responses.Single(r => r.Status == 2).Outcome);
        Assert.Equal(ResponseOutcome.Taken, world.State.Responses.Single(r => r.Status == 3).Outcome);
    }

    [Fact]
    public void The_envelope_is_published_before_the_server_hears_of_the_start()
    {
        var world = WithControl();
        world.Run(Minute);
        var published = world.Publications.Count;
        Assert.Contains(world.Envelope!.Segments, s => s.Limits.ExportLimitW == 700);
        world.Run(Minute * 2);
        Assert.Equal(published, world.Publications.Count);
        Assert.Contains(world.Server.Posts("/rsp"), p => Xml.Text(p.Body, "status") == "2");
    }

    [Fact]
    public void Killed_and_restarted_anywhere_the_server_hears_everything_once() =>
        Prop.ForAll(ArbMap.Default.ArbFor<ushort[]>(), kills =>
        {
            var world = WithControl();
            foreach (var kill in kills.Take(12))
            {
                world.Run(Duration.FromMilliseconds(kill % 45_000)).Restart();
            }

            world.Run(Minute * 20);
            return GetStatuses(world).Select(t => t.Status).SequenceEqual(["1", "2", "3"]) && world.State.Responses.Count == 3;
        }).QuickCheckThrowOnFailure();

    private static World WithControl()
    {
        var world = new World().WithTree(60);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start + (Minute * 2), 120, 700)]);
        return world;
    }

    private static List<(string Status, Instant At)> GetStatuses(World world) => [.. world.Server.Posts("/rsp").Select(p => (Xml.Text(p.Body, "status"), p.At))];
}
