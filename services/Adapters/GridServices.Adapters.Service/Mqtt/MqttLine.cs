using GridServices.Adapters.Messages;
using GridServices.Adapters.Service.Sites;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Protocol;

namespace GridServices.Adapters.Service.Mqtt;

/// <summary>Keeps what stands at the topics true: what changed is said at once, everything again after a while and on each new connection.</summary>
internal sealed partial class MqttLine(string name, MqttPlan plan, SiteFeed feed, TimeProvider time, ILogger log) : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);
    private readonly IMqttClient client = new MqttClientFactory().CreateMqttClient();
    private readonly Dictionary<string, (string Says, long At)> said = new(StringComparer.Ordinal);
    private string? toldAway;

    /// <summary>Runs until cancelled; a broker that is away is tried again.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await ConnectAsync(ct);
                await SayAsync(plan.Now(feed.View()), ct);
                await feed.ChangedAsync(Tick, ct);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException && !ct.IsCancellationRequested)
            {
                Away(fault.InnerException is { } inner ? $"{fault.Message} {inner.Message}" : fault.Message);
                await Task.Delay(Retry, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception) when (ct.IsCancellationRequested)
            {
                break;
            }
        }

        await PartAsync();
    }

    public void Dispose() => client.Dispose();

    private async Task ConnectAsync(CancellationToken ct)
    {
        if (client.IsConnected)
        {
            return;
        }

        said.Clear();
        var answer = await client.ConnectAsync(BrokerConnection.Options(name, plan), ct);
        if (answer.ResultCode != MqttClientConnectResultCode.Success)
        {
            throw new IOException($"it refuses us: {answer.ResultCode}; look at UserName and PasswordFile");
        }

        toldAway = null;
        LogConnected(log, name, plan.Broker.Address!);
    }

    private async Task SayAsync(IReadOnlyList<PeerMessage> messages, CancellationToken ct)
    {
        foreach (var message in messages.Where(IsDue))
        {
            await PublishAsync(message, ct);
            said[message.Topic] = (message.Says, time.GetTimestamp());
        }
    }

    private bool IsDue(PeerMessage message) => !said.TryGetValue(message.Topic, out var last)
        || !string.Equals(last.Says, message.Says, StringComparison.Ordinal) || time.GetElapsedTime(last.At) >= message.Every.ToTimeSpan();

    private Task<MqttClientPublishResult> PublishAsync(PeerMessage message, CancellationToken ct) => client.PublishAsync(
        new MqttApplicationMessageBuilder().WithTopic(message.Topic).WithPayload(message.Payload).WithRetainFlag(message.IsRetained)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(),
        ct);

    // Nobody keeps the topics true any more: what is left there must not become too much.
    private async Task PartAsync()
    {
        using var patience = new CancellationTokenSource(LastWords, time);
        try
        {
            foreach (var message in client.IsConnected && plan.Parting is { } parting ? parting(feed.View()) : [])
            {
                await PublishAsync(message, patience.Token);
            }
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            Away(fault.Message);
        }

        await client.TryDisconnectAsync();
    }

    private void Away(string why)
    {
        if (!string.Equals(toldAway, why, StringComparison.Ordinal))
        {
            toldAway = why;
            LogAway(log, name, plan.Broker.Address!, why);
        }
    }

    [LoggerMessage(EventIds.BrokerConnected, LogLevel.Information, "{Adapter}: connected to the broker {Broker}; everything is said again")]
    private static partial void LogConnected(ILogger logger, string adapter, string broker);

    [LoggerMessage(EventIds.BrokerAway, LogLevel.Warning, "{Adapter}: the broker {Broker} can't be told: {Why} It is tried again each second.")]
    private static partial void LogAway(ILogger logger, string adapter, string broker, string why);
}
