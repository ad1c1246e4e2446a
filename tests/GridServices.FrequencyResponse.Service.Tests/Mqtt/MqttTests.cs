using System.Text.Json.Nodes;
using Dapper;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Mqtt;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Hosting.Storage;
using GridServices.Testing.Tls;
using Microsoft.Extensions.DependencyInjection;
using MQTTnet;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Mqtt;

/// <summary>A real broker (mosquitto), mutual TLS and passwords: what the operator publishes is followed once, and answered.</summary>
public sealed class MqttTests(MqttFixture line) : IClassFixture<MqttFixture>
{
    private static Instant Now => SystemClock.Instance.GetCurrentInstant();

    [Fact]
    public async Task An_instruction_is_followed_acknowledged_and_ceased_and_what_comes_twice_or_late_does_no_harm()
    {
        var start = Now;
        var first = Raise("i1", 1, start);
        var answer = await line.Operator.InstructAsync(first);
        Assert.True(answer["accepted"]!.GetValue<bool>(), answer.ToJsonString());
        Assert.Equal(("c1", "i1", 1), (answer["contractId"]!.GetValue<string>(), answer["instructionId"]!.GetValue<string>(), answer["sequence"]!.GetValue<long>()));
        await FrequencyRig.UntilAsync(() => line.Rig.Heard() is { Watts: 50_000 });

        Assert.True((await line.Operator.InstructAsync(first))["repeated"]!.GetValue<bool>());
        Assert.Equal("lowerSequence", await RefusalAsync(Raise("i1", 0, start)));
        Assert.Equal("aboveContracted", await RefusalAsync("""{"instructionId":"i2","sequence":1,"direction":"raise","powerW":50001,"from":"2026-06-01T00:00:00Z"}"""));
        Assert.Equal("malformed", await RefusalAsync("no JSON"));
        answer = await line.Operator.InstructAsync("""{"instructionId":"i3","sequence":7,"direction":"raise","powerW":50000}""");
        Assert.Equal(("malformed", "i3", 7), (answer["refusal"]!.GetValue<string>(), answer["instructionId"]!.GetValue<string>(), answer["sequence"]!.GetValue<long>()));

        answer = await line.Operator.InstructAsync("""{"instructionId":"i1","sequence":2,"cease":true}""");
        Assert.True(answer["accepted"]!.GetValue<bool>(), answer.ToJsonString());
        await line.RestAsync();
        Assert.Equal("lowerSequence", await RefusalAsync(first));
        Assert.Equal(0, (await line.Rig.StateAsync())["responseW"]!.GetValue<double>());
        Assert.Contains("lowerSequence", (await line.Rig.StateAsync())["mqtt"]!["lastRefusal"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_broker_kept_is_not_carried_out_twice_and_what_came_meanwhile_is_not_lost()
    {
        Assert.True((await line.Operator.InstructAsync(Raise("kept", 1, Now), retain: true))["accepted"]!.GetValue<bool>());
        await line.Operator.InstructAsync("""{"instructionId":"kept","sequence":2,"cease":true}""");
        await line.RestAsync();

        await line.Rig.StopServiceAsync();
        line.Operator.Forget();
        await line.Operator.PublishAsync("neso/unit-7/instructions", Raise("meanwhile", 1, Now));
        await line.Rig.StartServiceAsync();

        // The broker hands out the one it kept and the one that waited.
        Assert.Equal("lowerSequence", (await line.Operator.AnswerAsync(a => a["instructionId"]!.GetValue<string>() == "kept"))["refusal"]!.GetValue<string>());
        Assert.True((await line.Operator.AnswerAsync(a => a["instructionId"]!.GetValue<string>() == "meanwhile"))["accepted"]!.GetValue<bool>());
        Assert.Equal("meanwhile", (await line.Rig.StateAsync())["instruction"]!["instructionId"]!.GetValue<string>());

        await line.Operator.PublishAsync("neso/unit-7/instructions", string.Empty, retain: true);
        await line.Operator.InstructAsync("""{"instructionId":"meanwhile","sequence":2,"cease":true}""");
        await line.RestAsync();
    }

    [Fact]
    public async Task While_the_broker_is_away_each_contract_falls_back_as_it_says_and_tells_so()
    {
        Assert.True((await line.Operator.InstructAsync(Raise("away", 1, Now)))["accepted"]!.GetValue<bool>());

        // A signal that was sent long ago is none.
        await SignalAsync(0.9m, Now - Duration.FromMinutes(5));
        await FrequencyRig.UntilAsync(() => line.Rig.StateAsync("c2"), s => s["mqtt"]!["refused"]!.GetValue<long>() == 1);
        await SignalUntilAsync(0.5m, s => s["responseW"]!.GetValue<double>() == 20_000);

        await line.Broker.GoAsync();
        var state = await FrequencyRig.UntilAsync(() => line.Rig.StateAsync(), s => !s["mqtt"]!["connected"]!.GetValue<bool>() && s["instruction"] is null);
        Assert.NotNull(state["mqtt"]!["awaySince"]);
        Assert.NotNull(state["mqtt"]!["problem"]);
        await FrequencyRig.UntilAsync(() => line.Rig.Hub.Reports.Any(r => r.Streams.Any(u => u.Stream.Key == "c1" && u.Status == UpstreamStatus.Lost && u.Detail!.Contains("broker", StringComparison.Ordinal))));
        await FrequencyRig.UntilAsync(() => line.Rig.StateAsync("c2"), s => s["responseW"]!.GetValue<double>() == 0 && s["rung"]!.GetValue<string>() != "valid");

        await line.Broker.ComeAsync();
        await line.HeldAsync();
        await line.Operator.ComeBackAsync();

        // What we ceased in the operator's place he may cease himself.
        var answer = await line.Operator.InstructAsync("""{"instructionId":"away","sequence":2,"cease":true}""");
        Assert.True(answer["accepted"]!.GetValue<bool>() && answer["repeated"]!.GetValue<bool>(), answer.ToJsonString());
        await SignalUntilAsync(-0.5m, s => s["responseW"]!.GetValue<double>() == -20_000);
    }

    [Fact]
    public async Task A_contract_whose_subscription_is_refused_has_lost_its_line()
    {
        Assert.True((await line.Operator.InstructAsync(Raise("unheard", 1, Now)))["accepted"]!.GetValue<bool>());
        var (status, contract) = (line.Rig.Service.App.Services.GetRequiredService<MqttHealth>(), new EntryId("default", "c1"));
        try
        {
            // mosquitto refuses no subscription for want of a right: told as the line tells it.
            status.Subscribed(contract, taken: false);
            var state = await FrequencyRig.UntilAsync(() => line.Rig.StateAsync(), s => s["instruction"] is null);
            Assert.NotNull(state["mqtt"]!["awaySince"]);
            await FrequencyRig.UntilAsync(() => line.Rig.Hub.Reports.Any(r => r.Streams.Any(u => u.Stream.Key == "c1" && u.Status == UpstreamStatus.Lost && u.Detail!.Contains("subscription", StringComparison.Ordinal))));
            Assert.Null((await line.Rig.StateAsync("c2"))["mqtt"]!["awaySince"]);
        }
        finally
        {
            status.Subscribed(contract, taken: true);
        }

        await line.RestAsync();
    }

    [Fact]
    public async Task What_can_not_be_taken_is_refused_aloud_and_ends_nothing()
    {
        Assert.True((await line.Operator.InstructAsync(Raise("before", 1, Now)))["accepted"]!.GetValue<bool>());
        var services = line.Rig.Service.App.Services;
        await DamageAsync("""INSERT INTO instructions (tenant, contract_id, instruction_id, record, received_at, finishes_at, updated_at) SELECT tenant, contract_id, 'damaged', '{', received_at, finishes_at, updated_at FROM instructions WHERE instruction_id = 'before'""");
        var status = services.GetRequiredService<MqttHealth>();
        try
        {
            Assert.Equal("notTaken", await RefusalAsync("""{"instructionId":"before","sequence":2,"cease":true}"""));

            // More than the broker leaves unconfirmed.
            for (var i = 0; i < 25; i++)
            {
                Assert.Equal("notTaken", await RefusalAsync(Raise($"n{i}", 1, Now)));
            }

            status.Subscribed(new EntryId("default", "c1"), taken: false);
            await FrequencyRig.UntilAsync(() => status.FindSilentSince(new EntryId("default", "c1")) < Now - Duration.FromSeconds(1));
            await services.GetRequiredService<MqttFailSafe>().CeaseLostAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            status.Subscribed(new EntryId("default", "c1"), taken: true);
            await DamageAsync("DELETE FROM instructions WHERE instruction_id = 'damaged'");
        }

        await line.Operator.InstructAsync("""{"instructionId":"before","sequence":9,"cease":true}""");
        await line.RestAsync();

        Task DamageAsync(string sql) => services.GetRequiredService<Store>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, transaction: tx), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_operator_of_a_contract_that_does_not_run_is_told_so()
    {
        var services = line.Rig.Service.App.Services;
        var (fleet, desk) = (services.GetRequiredService<PoolHost>(), services.GetRequiredService<MqttHandler>());
        var (asset, topic) = (new EntryId("default", "bess-1"), "neso/unit-7/instructions");
        var settings = fleet.Entries.Assets[asset];
        await fleet.ChangeAsync(e => e with { Assets = e.Assets.Remove(asset) }, _ => Task.CompletedTask, TestContext.Current.CancellationToken);
        try
        {
            Assert.False(desk.GetContracts().ContainsKey(topic));
            Assert.Equal(new TopicSubscription(new EntryId("default", "c1"), IsSignal: false), desk.GetTopics()[topic]);
            var answer = await line.Operator.InstructAsync(Raise("idle", 1, Now));
            Assert.Equal(("notRunning", "idle", 1), (answer["refusal"]!.GetValue<string>(), answer["instructionId"]!.GetValue<string>(), answer["sequence"]!.GetValue<long>()));
        }
        finally
        {
            await fleet.ChangeAsync(e => e with { Assets = e.Assets.Add(asset, settings) }, _ => Task.CompletedTask, TestContext.Current.CancellationToken);
        }

        Assert.True(desk.GetContracts().ContainsKey(topic));
        await line.Rig.CommandsAsync();
    }

    [Fact]
    public async Task A_broker_or_a_client_that_is_not_who_it_says_is_refused()
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        using var stranger = new PrivatePki(depth: 2);
        var right = line.Operator.As("unit") with { ClientId = "somebody" };
        await Assert.ThrowsAnyAsync<Exception>(() => client.ConnectAsync(BrokerConnection.Options(right with { TrustedRoots = stranger.CaFile })));
        await Assert.ThrowsAnyAsync<Exception>(() => client.ConnectAsync(BrokerConnection.Options(right with { ClientCertificate = null, ClientKey = null })));
        var answer = await TryAsync(client, right with { PasswordFile = line.Broker.File("operator.password") });
        Assert.NotEqual(MqttClientConnectResultCode.Success, answer);
        Assert.Equal(MqttClientConnectResultCode.Success, await TryAsync(client, right));
    }

    private static async Task<MqttClientConnectResultCode?> TryAsync(IMqttClient client, BrokerOptions options)
    {
        try
        {
            return (await client.ConnectAsync(BrokerConnection.Options(options))).ResultCode;
        }
        catch (MQTTnet.Adapter.MqttConnectingFailedException)
        {
            return null;
        }
    }

    private static string Raise(string id, long sequence, Instant from) => $$"""{"instructionId":"{{id}}","sequence":{{sequence}},"direction":"raise","powerW":50000,"from":"{{TimeText.Format(from)}}"}""";

    private async Task<string> RefusalAsync(string message)
    {
        var answer = await line.Operator.InstructAsync(message);
        Assert.False(answer["accepted"]!.GetValue<bool>(), answer.ToJsonString());
        return answer["refusal"]!.GetValue<string>();
    }

    private Task SignalAsync(decimal pu, Instant at) =>
        line.Operator.PublishAsync("tso/unit-8/signal", $$"""{"pu":{{pu.ToString(System.Globalization.CultureInfo.InvariantCulture)}},"at":"{{TimeText.Format(at)}}"}""");

    private Task<JsonNode> SignalUntilAsync(decimal pu, Func<JsonNode, bool> holds) => FrequencyRig.UntilAsync(
        async () =>
        {
            await SignalAsync(pu, Now);
            return await line.Rig.StateAsync("c2");
        },
        holds);
}
