using System.Text.Json.Nodes;
using GridServices.FrequencyResponse.Service.Tests.Rig;

namespace GridServices.FrequencyResponse.Service.Tests.Mqtt;

/// <summary>One broker, one operator and one service with a contract by instruction (c1) and one by signal (c2).</summary>
public sealed class MqttFixture : IAsyncLifetime
{
    private Mosquitto? _broker;
    private FrequencyRig? _rig;
    private GridOperator? _operator;

    internal Mosquitto Broker => _broker!;

    internal FrequencyRig Rig => _rig!;

    internal GridOperator Operator => _operator!;

    public async ValueTask InitializeAsync()
    {
        _broker = await Mosquitto.StartAsync();
        _rig = await FrequencyRig.ArmedAsync(contract: Contract(), arguments: _broker.Arguments);
        await _rig.PutAsync("/v1/assets/bess-2", JsonNode.Parse("""
            { "siteId": "site-1", "kind": "bess", "chargeMaxW": 100000, "dischargeMaxW": 100000, "energyWh": 200000, "socPercent": 50, "latencyMs": 50, "rampWPerS": 10000000 }
            """)!);
        await _rig.PutAsync("/v1/contracts/c2", Signalled());
        await HeldAsync();
        _operator = new GridOperator(_broker);
        await _operator.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _operator?.Dispose();
        if (_rig is not null)
        {
            await _rig.DisposeAsync();
        }

        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }
    }

    internal Task HeldAsync() => FrequencyRig.UntilAsync(() => Rig.StateAsync(), s => s["mqtt"]!["connected"]!.GetValue<bool>());

    /// <summary>Everything is over and its power 0.</summary>
    internal Task RestAsync() => FrequencyRig.UntilAsync(() => Rig.StateAsync(), s => s["responseW"]!.GetValue<double>() == 0 && s["instruction"] is null);

    private static JsonObject Contract() => JsonNode.Parse("""
        { "custom": { "id": "RESERVE-X", "nominalHz": 50, "kind": "instruction", "direction": "raise", "numbers": { "fullActivationSeconds": 30, "rampSeconds": 1 } },
          "siteId": "site-1", "quantityW": 50000, "windows": [ { "from": "2026-01-01T00:00:00Z", "until": null } ], "assets": [ "bess-1" ], "sources": [ "meter" ],
          "mqtt": { "topic": "neso/unit-7", "whenLost": "cease", "lostAfterSeconds": 1 } }
        """)!.AsObject();

    private static JsonObject Signalled() => JsonNode.Parse("""
        { "custom": { "id": "AFRR-X", "nominalHz": 50, "kind": "signal", "direction": "both", "numbers": { "signalPeriodSeconds": 4 } },
          "siteId": "site-1", "quantityW": 40000, "windows": [ { "from": "2026-01-01T00:00:00Z", "until": null } ], "assets": [ "bess-2" ], "sources": [ "meter" ],
          "mqtt": { "topic": "tso/unit-8" } }
        """)!.AsObject();
}
