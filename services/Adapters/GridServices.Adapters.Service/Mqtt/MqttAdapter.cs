using GridServices.Adapters.Lines;
using GridServices.Adapters.Messages;
using GridServices.Adapters.Service.Sites;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Protocol;

namespace GridServices.Adapters.Service.Mqtt;

/// <summary>Keeps what stands at the topics true: what changed is said at once, everything again after a while and on each new connection.</summary>
internal sealed partial class MqttAdapter(string name, MqttPlan plan, SiteFeed feed, TimeProvider time, ILogger log) : IDisposable
{
    /// <summary>So often it is looked whether a limit begins.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    // So many messages may wait for their acknowledgement at once: a broker far away must not delay a limit by a round trip for each topic. Below what brokers allow (mosquitto: 20).
    private const int Window = 16;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private readonly Dictionary<string, (string Says, long At)> said = new(StringComparer.Ordinal);
    private readonly List<Task> _unacknowledged = [];
    private IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private string? _toldAway;

    /// <summary>So long the broker may take to answer: to the connection, its greeting, each message.</summary>
    public TimeSpan Patience { get; init; } = BrokerConnection.Patience;

    /// <summary>So long it may take to acknowledge what is left behind.</summary>
    public TimeSpan LastWords { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Runs until cancelled; a broker that is away, or does not answer, is tried again.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await ConnectAsync(ct);
                await PublishDueAsync(ct);
                await feed.ChangedAsync(Tick, ct);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException && !ct.IsCancellationRequested)
            {
                LogDisconnected(fault is not TimeoutException && fault.InnerException is { } inner ? $"{fault.Message} {inner.Message}" : fault.Message);
                Drop();
                await Task.Delay(Retry, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception) when (ct.IsCancellationRequested)
            {
                break;
            }
        }

        await ShutDownAsync();
        feed.MarkUnreachable();
    }

    public void Dispose() => _client.Dispose();

    private async Task ConnectAsync(CancellationToken ct)
    {
        if (_client.IsConnected)
        {
            return;
        }

        Drop();
        var answer = await InTimeAsync(end => _client.ConnectAsync(BrokerConnection.Options(name, plan), end), Patience, ct);
        if (answer.ResultCode != MqttClientConnectResultCode.Success)
        {
            throw new IOException($"it refuses us: {answer.ResultCode}; look at UserName and PasswordFile");
        }

        _toldAway = null;
        LogConnected(log, name, plan.Broker.Address!);
    }

    // Made anew for each round: a limit may begin while those before wait for their acknowledgement.
    private async Task PublishDueAsync(CancellationToken ct)
    {
        while (true)
        {
            await MakeRoomAsync(ct);
            var (view, limits) = feed.GetSnapshot();
            var due = Due(view).Take(Window - _unacknowledged.Count).ToList();
            foreach (var message in due)
            {
                _unacknowledged.Add(PublishAsync(message, Patience));
                said[message.Topic] = (message.Says, time.GetTimestamp());
            }

            if (due.Count == 0)
            {
                if (_unacknowledged.Count == 0)
                {
                    feed.MarkAccepted(limits);
                }

                return;
            }
        }
    }

    // Waits only while as many are on their way as may be. What was not acknowledged in time throws here.
    private async Task MakeRoomAsync(CancellationToken ct)
    {
        if (_unacknowledged.Count >= Window)
        {
            await Task.WhenAny(_unacknowledged).WaitAsync(ct);
        }

        foreach (var settled in _unacknowledged.Where(t => t.IsCompleted).ToList())
        {
            _unacknowledged.Remove(settled);
            await settled;
        }
    }

    // What changed, in the peer's order; then what was said longest ago.
    private IEnumerable<PeerMessage> Due(SiteView view) => plan.Now(view)
        .Where(m => IsNew(m) || time.GetElapsedTime(said[m.Topic].At) >= m.Every.ToTimeSpan())
        .OrderBy(m => IsNew(m) ? long.MinValue : said[m.Topic].At);

    private bool IsNew(PeerMessage message) => !said.TryGetValue(message.Topic, out var last) || !string.Equals(last.Says, message.Says, StringComparison.Ordinal);

    private Task<MqttClientPublishResult> PublishAsync(PeerMessage message, TimeSpan patience) => InTimeAsync(
        end => _client.PublishAsync(
            new MqttApplicationMessageBuilder().WithTopic(message.Topic).WithPayload(message.Payload).WithRetainFlag(message.IsRetained)
                .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(),
            end),
        patience,
        CancellationToken.None);

    // Given a token the client knows no time-out of its own: a broker that takes a message and says nothing would be waited for without end.
    private async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> ask, TimeSpan patience, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
        try
        {
            return await ask(either.Token).WaitAsync(either.Token);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException && late.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new TimeoutException($"it has not answered within {patience.TotalSeconds:0} s.", fault);
        }
    }

    // Without a farewell, so that the last will is due. What is on its way there is nobody's any more.
    private void Drop()
    {
        feed.MarkUnreachable();
        _unacknowledged.Clear();
        said.Clear();
        _client.Dispose();
        _client = new MqttClientFactory().CreateMqttClient();
    }

    // Nobody keeps the topics true any more: what is left there must not become too much. Who leaves with a farewell takes the last will along,
    // so there is none unless all was acknowledged.
    private async Task ShutDownAsync()
    {
        if (!_client.IsConnected)
        {
            return;
        }

        try
        {
            await Task.WhenAll(plan.Parting(feed.GetSnapshot().View).Select(message => PublishAsync(message, LastWords)).ToList());
            await _client.TryDisconnectAsync();
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            LogDisconnected(fault.Message);
        }
    }

    private void LogDisconnected(string why)
    {
        if (!string.Equals(_toldAway, why, StringComparison.Ordinal))
        {
            _toldAway = why;
            LogAway(log, name, plan.Broker.Address!, why);
        }
    }

    [LoggerMessage(EventIds.BrokerConnected, LogLevel.Information, "{Adapter}: connected to the broker {Broker}; everything is said again")]
    private static partial void LogConnected(ILogger logger, string adapter, string broker);

    [LoggerMessage(EventIds.BrokerAway, LogLevel.Warning, "{Adapter}: the broker {Broker} can't be told: {Why} It is tried again each second.")]
    private static partial void LogAway(ILogger logger, string adapter, string broker, string why);
}
