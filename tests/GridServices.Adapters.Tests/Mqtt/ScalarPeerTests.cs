using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Adapters.Contacts;
using GridServices.Adapters.Lines;
using GridServices.Adapters.Messages;
using GridServices.Adapters.Mqtt;
using GridServices.Contracts;
using NodaTime;
using static GridServices.Adapters.Tests.Some;

namespace GridServices.Adapters.Tests.Mqtt;

public sealed class ScalarPeerTests
{
    private static readonly ScalarTopic Plain = new() { Topic = "t", Quantity = Quantity.ImportLimitW };
    private static readonly ScalarTopic ZeroIsUnlimited = Plain with { IsZeroUnlimited = true, NoLimit = NoLimitWord.Zero };

    [Fact]
    public void Nothing_allowed_is_0_and_no_limit_is_an_empty_topic() => Assert.Equal(["0", "12000", ""], new long?[] { 0, 12_000, null }.Select(Plain.FormatLimit));

    [Fact]
    public void Where_0_means_unlimited_nothing_allowed_is_one_watt_or_the_least_that_is_configured()
    {
        Assert.Equal(["1", "12000", "0"], new long?[] { 0, 12_000, null }.Select(ZeroIsUnlimited.FormatLimit));
        Assert.Equal("1380", (ZeroIsUnlimited with { LeastW = 1_380 }).FormatLimit(0));
        Assert.Equal("2", (ZeroIsUnlimited with { LeastW = 1_380 }).FormatLimit(2));
    }

    [Fact]
    public void Who_needs_a_number_gets_the_greatest_for_no_limit_and_never_more() =>
        Assert.Equal(["0", "12000", "55000", "55000"], new long?[] { 0, 12_000, 99_000, null }.Select((Plain with { MostW = 55_000 }).FormatLimit));

    [Fact]
    public void A_reader_with_a_share_is_told_its_part_rounded_towards_zero() =>
        Assert.Equal(["0", "0", "3300", ""], new long?[] { 0, 2, 10_001, null }.Select((Plain with { SharePercent = 33 }).FormatLimit));

    [Fact]
    public void Kilowatts_are_exact() => Assert.Equal(["0", "0.001", "12.345"], new long?[] { 0, 1, 12_345 }.Select((Plain with { Unit = PowerUnit.Kw }).FormatLimit));

    [Fact]
    public void A_limit_is_told_before_it_begins_and_no_sooner_than_asked()
    {
        var peer = new ScalarPeer { BaseTopic = "b", Topics = [Plain], Lead = Duration.FromSeconds(1) };
        Assert.Equal("", GetPayload(peer, View(known: true, (2, EffectiveLimits.None), (9, Import(5)))));
        Assert.Equal("5", GetPayload(peer, View(known: true, [(Duration.FromMilliseconds(900), EffectiveLimits.None), (Duration.FromSeconds(9), Import(5))])));
        Assert.Equal("5", GetPayload(peer, View(known: true, (9, Import(5)), (9, EffectiveLimits.None))));
    }

    [Fact]
    public void Says_how_it_stands()
    {
        var said = new ScalarPeer { BaseTopic = "b", Topics = [Plain] }.Now(View(known: true, (60, Import(5)), (60, Import(6))), Rules).ToDictionary(m => m.Topic, m => m.Payload);
        Assert.Equal(("1", "1", "controlled", "2027-01-15T18:01:00.25Z"), (said["b/online"], said["b/known"], said["b/state"], said["b/until"]));
    }

    [Fact]
    public void The_time_at_which_it_is_said_goes_with_what_is_repeated_and_is_no_change_of_its_own()
    {
        var peer = new ScalarPeer { BaseTopic = "b", Topics = [Plain] };
        var view = View(known: true);
        var (first, next) = (At(view), At(view with { At = view.At + Duration.FromSeconds(30) }));
        Assert.Equal(("2027-01-15T18:00:00.25Z", "2027-01-15T18:00:30.25Z"), (first.Payload, next.Payload));
        Assert.Equal(first.Says, next.Says);
        Assert.Equal(peer.Now(view, Rules).Select(m => m.Topic), peer.AllTopics);

        PeerMessage At(SiteView at) => peer.Now(at, Rules).Single(m => m.Topic == "b/at");
    }

    [Fact]
    public void What_is_left_behind_is_fail_safe_and_offline()
    {
        var left = new ScalarPeer { BaseTopic = "b", Topics = [Plain, Plain with { Topic = "e", Quantity = Quantity.ExportLimitW }] }
            .GetShutdownMessages(View(known: true, (60, Import(9_000)), (60, Import(50))), Rules).ToDictionary(m => m.Topic, m => m.Payload);
        Assert.Equal(("50", "500", "0", "0"), (left["t"], left["e"], left["b/known"], left["b/online"]));
    }

    [Fact]
    public void Read_by_the_peers_rules_no_number_and_no_stage_is_looser_than_the_hub() => Prop.ForAll(Views, view => Enum.GetValues<Quantity>().All(quantity =>
    {
        var topics = new[] { Plain, ZeroIsUnlimited, Plain with { Unit = PowerUnit.Kw }, Plain with { MostW = 10_000 } }.Select((t, i) => t with { Topic = $"t{i}", Quantity = quantity }).ToList();
        var box = new ContactBox { Quantity = quantity, FullW = 11_000, Stages = [new(100, null), new(60, "60"), new(30, "30"), new(0, "0")] };
        var peer = new ScalarPeer { BaseTopic = "b", Topics = topics, Contacts = [box] };
        var said = peer.Now(view, Rules).ToDictionary(m => m.Topic, m => m.Payload);
        return view.Segments.Select(s => s.From).Where(f => f <= view.At + peer.Lead - Duration.Epsilon).Append(view.At).All(at =>
        {
            var allowed = Allowed(view, quantity, at);
            return topics.All(t => IsWithin(Read(t, said[t.Topic]), t.IsZeroUnlimited && allowed == 0 ? 1 : allowed)) && IsContactWithin(said, allowed);
        });
    })).QuickCheckThrowOnFailure();

    // As a device takes it: no relay on is 100 %.
    private static bool IsContactWithin(Dictionary<string, string> said, long? allowed)
    {
        var on = new[] { 0, 30, 60 }.Where(p => said[$"{p}"] == "ON").ToList();
        return on.Count <= 1 && IsWithin(11_000L * (on.Count == 0 ? 100 : on[0]) / 100, allowed);
    }

    private static long? Read(ScalarTopic topic, string text)
    {
        if (text.Length == 0 || (topic.IsZeroUnlimited && text == "0"))
        {
            return null;
        }

        var number = decimal.Parse(text, CultureInfo.InvariantCulture);
        return (long)(topic.Unit == PowerUnit.Kw ? number * 1000 : number);
    }

    private static string GetPayload(ScalarPeer peer, SiteView view) => peer.Now(view, Rules).Single(m => m.Topic == "t").Payload;
}
