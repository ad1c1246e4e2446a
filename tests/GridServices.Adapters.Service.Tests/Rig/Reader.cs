using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using GridServices.Testing.Mqtt;
using GridServices.Testing;
using MQTTnet;
using MQTTnet.Protocol;

namespace GridServices.Adapters.Service.Tests.Rig;

/// <summary>Somebody who reads a broker's topics: a home automation, a charging station.</summary>
internal sealed class Reader : IDisposable
{
    private readonly IMqttClient client = new MqttClientFactory().CreateMqttClient();
    private readonly ConcurrentQueue<(string Topic, string Text)> heard = new();

    public static async Task<Reader> ConnectAsync(MosquittoProcess broker, string topics)
    {
        var reader = new Reader();
        reader.client.ApplicationMessageReceivedAsync += received =>
        {
            reader.heard.Enqueue((received.ApplicationMessage.Topic, Encoding.UTF8.GetString(received.ApplicationMessage.Payload.ToArray())));
            return Task.CompletedTask;
        };
        await reader.client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", broker.Port).WithClientId($"reader-{Guid.NewGuid():N}").Build());
        await reader.client.SubscribeAsync(topics, MqttQualityOfServiceLevel.AtLeastOnce);
        return reader;
    }

    /// <summary>All that came at a topic, in order.</summary>
    public IReadOnlyList<string> GetMessages(string topic) => [.. heard.Where(m => m.Topic == topic).Select(m => m.Text)];

    /// <summary>Waits until the last that came is this.</summary>
    public Task StandsAsync(string topic, string text) =>
        Until.HoldsAsync(() => GetMessages(topic) is [.., var last] && last == text, () => Task.FromResult($"{topic}: {string.Join(", ", GetMessages(topic))}; wanted {text}"));

    /// <summary>Waits for one like this.</summary>
    public async Task<string> HearsAsync(string topic, Func<string, bool> which)
    {
        await Until.HoldsAsync(() => GetMessages(topic).Any(which), () => Task.FromResult($"{topic}: {string.Join(", ", GetMessages(topic))}"));
        return GetMessages(topic).First(which);
    }

    public void Dispose() => client.Dispose();
}
