using GridServices.Adapters.Messages;
using GridServices.Adapters.Service.Sites;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Protocol;

namespace GridServices.Adapters.Service.Mqtt;

/// <summary>Keeps what stands at the topics true: what changed is said at once, everything again after a while and on each new connection.</summary>
internal sealed partial class MqttLine(string name, MqttPlan plan, SiteFeed feed, TimeProvider time, ILogger log) : IDisposable
{
    /// <summary>So often it is looked whether a limit begins.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(10);
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
                await SayAsync(ct);
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

    // Made anew for each message: a limit may begin while the one before waits for its acknowledgement.
    private async Task SayAsync(CancellationToken ct)
    {
        while (NextDue() is { } message)
        {
            await PublishAsync(message, ct);
            said[message.Topic] = (message.Says, time.GetTimestamp());
        }
    }

    // What changed, in the peer's order; then what was said longest ago.
    private PeerMessage? NextDue() => plan.Now(feed.View())
        .Where(m => IsNew(m) || time.GetElapsedTime(said[m.Topic].At) >= m.Every.ToTimeSpan())
        .MinBy(m => IsNew(m) ? long.MinValue : said[m.Topic].At);

    private bool IsNew(PeerMessage message) => !said.TryGetValue(message.Topic, out var last) || !string.Equals(last.Says, message.Says, StringComparison.Ordinal);

    private Task<MqttClientPublishResult> PublishAsync(PeerMessage message, CancellationToken ct) => client.PublishAsync(
        new MqttApplicationMessageBuilder().WithTopic(message.Topic).WithPayload(message.Payload).WithRetainFlag(message.IsRetained)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(),
        ct);

    // Nobody keeps the topics true any more: what is left there must not become too much. Who leaves with a farewell takes the last will along,
    // so there is none unless all was acknowledged.
    private async Task PartAsync()
    {
        if (!client.IsConnected)
        {
            return;
        }

        using var patience = new CancellationTokenSource(LastWords, time);
        try
        {
            foreach (var message in plan.Parting(feed.View()))
            {
                await PublishAsync(message, patience.Token);
            }

            await client.TryDisconnectAsync();
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            Away(fault.Message);
        }
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
