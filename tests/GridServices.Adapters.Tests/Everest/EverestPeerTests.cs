using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Adapters.Everest;
using GridServices.Adapters.Lines;
using GridServices.Contracts;
using Json.Schema;
using static GridServices.Adapters.Tests.Some;
using Duration = NodaTime.Duration;
using TestData = GridServices.Testing.TestData;

namespace GridServices.Adapters.Tests.Everest;

public sealed class EverestPeerTests
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(
        File.ReadAllText(TestData.Path("envelopes/everest/external-limits.schema.json")), new BuildOptions { SchemaRegistry = new SchemaRegistry() });

    private static readonly EverestPeer Peer = new() { Module = "limits" };

    [Fact]
    public void Limits_go_with_their_times_who_binds_them_and_a_fail_safe_end()
    {
        var said = Limits(View(known: true, (100, Import(9_000)), (100, EffectiveLimits.None)));
        var import = said["schedule_import"]!.AsArray();
        Assert.Equal(["2027-01-15T18:00:00Z", "2027-01-15T18:01:43Z", "2027-01-15T18:15:00Z"], import.Select(e => e!["timestamp"]!.GetValue<string>()));
        Assert.Equal(9_000, Power(import[0]!)!["value"]!.GetValue<long>());
        Assert.Equal("0198a000-0000-7000-8000-000000000001", Power(import[0]!)!["source"]!.GetValue<string>());
        Assert.Null(Power(import[1]!));
        Assert.Equal((7_000, "failsafe"), (Power(import[2]!)!["value"]!.GetValue<long>(), Power(import[2]!)!["source"]!.GetValue<string>()));
        Assert.Equal(500, Power(said["schedule_export"]!.AsArray()[^1]!)!["value"]!.GetValue<long>());
    }

    [Fact]
    public void Nothing_allowed_is_0_watts_and_not_a_missing_power() =>
        Assert.Equal(0, Power(Limits(View(known: true, (100, Import(0))))["schedule_import"]![0]!)!["value"]!.GetValue<long>());

    [Fact]
    public void Every_message_is_what_EVerests_schema_asks_for() => Prop.ForAll(Views, view =>
        Schema.Evaluate(JsonDocument.Parse(Peer.Now(view, Rules)[0].Payload).RootElement, new EvaluationOptions { RequireFormatValidation = true }).IsValid).QuickCheckThrowOnFailure();

    [Fact]
    public void The_schema_refuses_what_lacks_a_source()
    {
        var broken = Limits(View(known: true, (100, Import(9_000))));
        Power(broken["schedule_import"]![0]!)!.AsObject().Remove("source");
        Assert.False(Schema.Evaluate(JsonDocument.Parse(broken.ToJsonString()).RootElement).IsValid);
    }

    [Fact]
    public void Says_the_same_while_nothing_changes_but_the_time()
    {
        var view = View(known: true, (100, Import(9_000)), (100, EffectiveLimits.None));
        var later = view with { At = Now + Duration.FromSeconds(5), Segments = [view.Segments[0] with { From = Now + Duration.FromSeconds(5) }, view.Segments[1]] };
        Assert.Equal(Peer.Now(view, Rules)[0].Says, Peer.Now(later, Rules)[0].Says);
        Assert.NotEqual(Peer.Now(view, Rules)[0].Says, Peer.Now(View(known: true, (100, Import(8_999)), (100, EffectiveLimits.None)), Rules)[0].Says);
    }

    [Fact]
    public void What_a_station_is_left_with_is_fail_safe_at_once_or_less()
    {
        var left = Assert.Single(Peer.GetShutdownMessages(View(known: true, (60, Import(9_000)), (60, EffectiveLimits.None with { ExportLimitW = Bound(50L) })), Rules));
        Assert.Equal(("everest_api/1/external_energy_limits_consumer/limits/m2e/set_external_limits", false), (left.Topic, left.IsRetained));
        Assert.True(Schema.Evaluate(JsonDocument.Parse(left.Payload).RootElement, new EvaluationOptions { RequireFormatValidation = true }).IsValid);
        var said = JsonNode.Parse(left.Payload)!;
        Assert.Equal(7_000, Power(Assert.Single(said["schedule_import"]!.AsArray())!)!["value"]!.GetValue<long>());
        Assert.Equal(50, Power(Assert.Single(said["schedule_export"]!.AsArray())!)!["value"]!.GetValue<long>());
    }

    [Fact]
    public void One_of_several_stations_is_told_its_part_of_everything_fail_safe_too()
    {
        var view = View(known: true, (100, Import(9_001)), (100, EffectiveLimits.None));
        var (now, left) = (JsonNode.Parse((Peer with { SharePercent = 50 }).Now(view, Rules)[0].Payload)!, JsonNode.Parse((Peer with { SharePercent = 50 }).GetShutdownMessages(view, Rules)[0].Payload)!);
        Assert.Equal([4_500, null, 3_500], now["schedule_import"]!.AsArray().Select(e => Power(e!)?["value"]!.GetValue<long>()));
        Assert.Equal((3_500, 250), (Power(left["schedule_import"]![0]!)!["value"]!.GetValue<long>(), Power(left["schedule_export"]![0]!)!["value"]!.GetValue<long>()));
    }

    [Fact]
    public void Tells_EVerest_that_it_lives_more_often_than_every_five_seconds()
    {
        var check = Peer.Now(View(known: false), Rules)[1];
        Assert.Equal(("everest_api/1/external_energy_limits_consumer/limits/m2e/communication_check", "true"), (check.Topic, check.Payload));
        Assert.True(check.Every < Duration.FromSeconds(5));
    }

    private static JsonObject Limits(SiteView view) => JsonNode.Parse(Peer.Now(view, Rules)[0].Payload)!.AsObject();

    private static JsonNode? Power(JsonNode entry) => entry["limits_to_root"]!["total_power_W"];
}
