using System.Buffers;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Storage;
using MQTTnet;
using MQTTnet.Protocol;

namespace GridServices.FrequencyResponse.Service.Mqtt;

/// <summary>Holds the line to the grid operator's broker while this process commands; whoever takes over takes the session over.</summary>
/// <remarks>
/// <code>
/// message ─▶ on disk ─▶ acknowledgement published ─▶ confirmed to the broker
///                │                 │
///                └ store away      └ line broke: not confirmed, the broker hands it out again, and the book answers "repeated"
/// </code>
/// </remarks>
internal sealed partial class MqttWorker(
    MqttHandler handler, MqttFailSafe lost, MqttHealth status, PoolHost host, BrokerOptions options, TimeProvider time, ILogger<MqttWorker> log) : BackgroundService
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly HashSet<string> _subscribed = new(StringComparer.Ordinal);
    private readonly HeldCertificates _certificates = new();
    private volatile bool _handOutAgain;
    private TimeSpan _wait = Round;

    public override void Dispose()
    {
        _client.Dispose();
        _certificates.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Broker is null)
        {
            status.Idle("Mqtt:Broker is not set");
            return;
        }

        _client.ApplicationMessageReceivedAsync += message => ReceivedAsync(message, stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            await MaintainAsync(stoppingToken);
            await Task.Delay(_client.IsConnected ? Round : _wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _client.TryDisconnectAsync();
    }

    private async Task MaintainAsync(CancellationToken ct)
    {
        try
        {
            await UpdateConnectionAsync(ct);
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            return;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Whatever it is, the line is tried again: one that nobody holds any more must not look held.
            OnDisconnected(fault);
        }

        try
        {
            await lost.CeaseLostAsync(ct);
        }
        catch (Exception fault) when (fault is StoreUnavailableException || ct.IsCancellationRequested)
        {
            // A cease that can't be stored is tried in the next round.
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Nor may anything else end the service while the broker is away.
            LogUntended(log, fault);
        }
    }

    private async Task UpdateConnectionAsync(CancellationToken ct)
    {
        var heard = handler.GetTopics();
        if (heard.Count > 0 && host.GetLease(options.Tenant).IsHeld(host.NowNanos))
        {
            await ConnectAsync(heard, ct);
            return;
        }

        if (_client.IsConnected)
        {
            await _client.TryDisconnectAsync();
        }

        status.Idle(heard.Count == 0 ? "no contract is instructed over MQTT" : "another process commands, or the right to is not renewed");
    }

    private async Task ConnectAsync(IReadOnlyDictionary<string, TopicSubscription> heard, CancellationToken ct)
    {
        if (_handOutAgain && _client.IsConnected)
        {
            _handOutAgain = false;
            await _client.TryDisconnectAsync();
            OnDisconnected("what came could not be stored or confirmed; the broker is asked to hand it out again");
            return;
        }

        if (!_client.IsConnected)
        {
            _subscribed.Clear();
            _handOutAgain = false;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
            patience.CancelAfter(LongestWait);
            var answer = await _client.ConnectAsync(BrokerConnection.Options(options, _certificates), patience.Token);
            if (answer.ResultCode != MqttClientConnectResultCode.Success)
            {
                OnDisconnected($"the broker refuses us: {answer.ResultCode} {answer.ReasonString}".TrimEnd());
                return;
            }

            _wait = Round;
        }

        await SubscribeAsync(heard, ct);
        if (!status.IsConnected && _client.IsConnected)
        {
            status.Connected();
            LogConnected(log, options.Broker!);
        }
    }

    private async Task SubscribeAsync(IReadOnlyDictionary<string, TopicSubscription> heard, CancellationToken ct)
    {
        foreach (var gone in _subscribed.Where(t => !heard.ContainsKey(t)).ToList())
        {
            await _client.UnsubscribeAsync(gone, ct);
            _subscribed.Remove(gone);
        }

        foreach (var (topic, listened) in heard.Where(t => !_subscribed.Contains(t.Key)))
        {
            // Signals of the past say nothing: the broker keeps none of them for us.
            var filter = new MqttTopicFilterBuilder().WithTopic(topic)
                .WithQualityOfServiceLevel(listened.IsSignal ? MqttQualityOfServiceLevel.AtMostOnce : MqttQualityOfServiceLevel.AtLeastOnce)
                .WithRetainHandling(listened.IsSignal ? MqttRetainHandling.DoNotSendOnSubscribe : MqttRetainHandling.SendAtSubscribe).Build();
            var answer = await _client.SubscribeAsync(filter, ct);
            var code = answer.Items.Select(i => i.ResultCode).FirstOrDefault();
            var taken = code <= MqttClientSubscribeResultCode.GrantedQoS2;
            status.Subscribed(listened.Contract, taken);
            Topic(listened.Contract, taken ? null : $"the broker refuses the subscription of {topic}: {code}");
            if (taken)
            {
                _subscribed.Add(topic);
            }
        }
    }

    private async Task ReceivedAsync(MqttApplicationMessageReceivedEventArgs received, CancellationToken ct)
    {
        received.AutoAcknowledge = false;
        var message = received.ApplicationMessage;

        // A broker that confirms nothing must not hold up the next message.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            var answer = await handler.HandleAsync(message.Topic, message.Payload.ToArray(), message.Retain, ct);
            patience.CancelAfter(Patience);
            if (answer is { } told)
            {
                await AnswerAsync(told.Topic, told.Said, patience.Token);
            }

            await received.AcknowledgeAsync(patience.Token);
        }
        catch (StoreUnavailableException fault)
        {
            LogUnstored(log, message.Topic, SafeText.Line(fault.Message));
            _handOutAgain = true;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Not confirmed: it comes again with the next connection, and until then it takes room that the next messages need.
            LogUnanswered(log, message.Topic, SafeText.Line(fault.Message));
            _handOutAgain = true;
        }
    }

    private async Task AnswerAsync(string topic, Acknowledgement acknowledgement, CancellationToken ct)
    {
        var answer = await _client.PublishAsync(
            new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(JsonSerializer.SerializeToUtf8Bytes(acknowledgement, ContractJson.Options))
                .WithContentType("application/json").WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(),
            ct);
        Topic(new EntryId(options.Tenant, acknowledgement.ContractId), answer.IsSuccess ? null : $"the broker refuses what we publish at {topic}: {answer.ReasonCode}");
    }

    private void Topic(EntryId contract, string? fault)
    {
        if (status.Topic(contract, fault))
        {
            LogTopic(log, contract.Key, fault!);
        }
    }

    private void OnDisconnected(Exception fault) => OnDisconnected(SafeText.Line(fault.InnerException is null ? fault.Message : $"{fault.Message} {fault.InnerException.Message}"));

    private void OnDisconnected(string problem)
    {
        if (status.SetDisconnected(problem))
        {
            LogAway(log, options.Broker!, problem);
        }

        _wait = _wait * 2 < LongestWait ? _wait * 2 : LongestWait;
    }

    [LoggerMessage(EventIds.MqttWorkerConnected, LogLevel.Information, "The broker {Broker} is there; contracts are instructed over MQTT")]
    private static partial void LogConnected(ILogger logger, string broker);

    [LoggerMessage(EventIds.MqttWorkerAway, LogLevel.Warning, "The broker {Broker} is away: {Problem}; what runs goes on as each contract says")]
    private static partial void LogAway(ILogger logger, string broker, string problem);

    [LoggerMessage(EventIds.MqttWorkerUnstored, LogLevel.Error, "A message at {Topic} can't be stored and is not acknowledged: {Why}; the broker is asked to hand it out again")]
    private static partial void LogUnstored(ILogger logger, string topic, string why);

    [LoggerMessage(EventIds.MqttWorkerUnanswered, LogLevel.Warning, "A message at {Topic} is not confirmed to the broker and comes again: {Why}")]
    private static partial void LogUnanswered(ILogger logger, string topic, string why);

    [LoggerMessage(EventIds.MqttWorkerUntended, LogLevel.Error, "What runs while the broker is away can't be looked after; it is tried again")]
    private static partial void LogUntended(ILogger logger, Exception fault);

    [LoggerMessage(EventIds.MqttWorkerTopic, LogLevel.Warning, "Contract {Contract}: {Problem}")]
    private static partial void LogTopic(ILogger logger, string contract, string problem);
}
