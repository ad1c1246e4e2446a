using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using GridServices.FrequencyResponse.Service.Mqtt;
using GridServices.Testing;
using MQTTnet;
using MQTTnet.Protocol;

namespace GridServices.FrequencyResponse.Service.Tests.Rig;

/// <summary>The grid operator at the broker: publishes, and hears what is acknowledged.</summary>
internal sealed class GridOperator(Mosquitto broker) : IDisposable
{
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly ConcurrentQueue<JsonNode> _answers = new();

    public BrokerOptions As(string user) => new()
    {
        Broker = $"mqtts://localhost:{broker.Port}",
        ClientId = $"test-{user}",
        UserName = user,
        PasswordFile = broker.File($"{user}.password"),
        ClientCertificate = broker.File($"{user}.pem"),
        ClientKey = broker.File($"{user}.key"),
        TrustedRoots = broker.Authority,
        KeepAliveSeconds = 60,
    };

    public async Task ConnectAsync()
    {
        _client.ApplicationMessageReceivedAsync += received =>
        {
            _answers.Enqueue(JsonNode.Parse(received.ApplicationMessage.Payload.ToArray())!);
            return Task.CompletedTask;
        };
        await ComeBackAsync();
    }

    public async Task ComeBackAsync()
    {
        await Until.HoldsAsync(() => !_client.IsConnected);
        await _client.ConnectAsync(BrokerConnection.Options(As("operator")));
        await _client.SubscribeAsync("neso/unit-7/acknowledgements", MqttQualityOfServiceLevel.AtLeastOnce);
    }

    public Task PublishAsync(string topic, string payload, bool retain = false) => _client.PublishAsync(
        new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithRetainFlag(retain).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build());

    /// <summary>Publishes, and waits for the answer to it.</summary>
    public async Task<JsonNode> InstructAsync(string payload, bool retain = false)
    {
        _answers.Clear();
        await PublishAsync("neso/unit-7/instructions", payload, retain);
        return await AnswerAsync(_ => true);
    }

    /// <summary>The next answer of a kind.</summary>
    public async Task<JsonNode> AnswerAsync(Func<JsonNode, bool> which)
    {
        JsonNode? found = null;
        await Until.HoldsAsync(() => (found = _answers.FirstOrDefault(which)) is not null);
        return found!;
    }

    public void Forget() => _answers.Clear();

    public void Dispose() => _client.Dispose();
}
