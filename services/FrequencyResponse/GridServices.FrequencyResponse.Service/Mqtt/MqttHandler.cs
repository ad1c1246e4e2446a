using System.Collections.Concurrent;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Instructions;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Mqtt;

/// <summary>Takes what the grid operator publishes: an instruction is on disk before it is answered, a signal is followed at once.</summary>
internal sealed partial class MqttHandler(PoolHost host, PoolTable table, FrequencyCatalog catalog, Signals signals, MqttHealth status, BrokerOptions options, IClock clock, ILogger<MqttHandler> log)
{
    private const string Malformed = "malformed";
    private const string NotRunning = "notRunning";
    private const string NotTaken = "notTaken";
    private readonly ConcurrentDictionary<EntryId, Instant> _lastSignal = new();

    /// <summary>The contracts that are told over MQTT, by the topic that we listen to.</summary>
    public IReadOnlyDictionary<string, MqttContract> GetContracts()
    {
        var told = new Dictionary<string, MqttContract>(StringComparer.Ordinal);
        foreach (var pool in table.All.Where(p => p.Spec.Id.Tenant == options.Tenant))
        {
            foreach (var contract in pool.Spec.Contracts.Where(c => c.Settings.Mqtt is not null))
            {
                if (ContractTopics.FindTopic(contract.Settings.Mqtt!.Topic, contract.Service.Kind) is { } heard)
                {
                    told[heard] = new MqttContract(new EntryId(options.Tenant, contract.Key), pool.Spec.Id, contract);
                }
            }
        }

        return told;
    }

    /// <summary>The topics that we listen to: also those of stored contracts that do not run, whose operator is told so.</summary>
    public IReadOnlyDictionary<string, TopicSubscription> GetTopics()
    {
        var heard = GetContracts().ToDictionary(t => t.Key, t => new TopicSubscription(t.Value.Id, t.Value.Contract.Service.Kind == ServiceKind.Signal), StringComparer.Ordinal);
        foreach (var stored in host.Entries.Contracts.Where(c => c.Id.Tenant == options.Tenant && c.Settings.Mqtt is not null && table.FindByContract(c.Id) is null))
        {
            // One of a service that is not known any more may have been instructed.
            var kind = catalog.FindService(stored.Settings, new ConfigFaults())?.Kind ?? ServiceKind.Instruction;
            if (kind == ServiceKind.Instruction)
            {
                heard.TryAdd(ContractTopics.FindTopic(stored.Settings.Mqtt!.Topic, kind)!, new TopicSubscription(stored.Id, IsSignal: false));
            }
        }

        return heard;
    }

    /// <summary>Takes a message.</summary>
    /// <returns>Where to publish what; null = nothing is answered.</returns>
    /// <exception cref="StoreUnavailableException">It is not on disk: the broker has to hand it out again.</exception>
    public async Task<(string Topic, Acknowledgement Said)?> HandleAsync(string topic, ReadOnlyMemory<byte> payload, bool retained, CancellationToken ct)
    {
        // A retained message is taken back by an empty one.
        if (payload.IsEmpty)
        {
            return null;
        }

        if (!GetContracts().TryGetValue(topic, out var told))
        {
            return Unknown(topic, payload);
        }

        if (told.Contract.Service.Kind == ServiceKind.Signal)
        {
            HandleSignal(told, payload, retained);
            return null;
        }

        var said = await HandleInstructionAsync(told, payload, ct);
        status.RecordMessage(told.Id, said.Accepted ? null : $"{said.Refusal}: {said.Detail}");
        return (ContractTopics.GetAnswerTopic(told.Contract.Settings.Mqtt!.Topic), said);
    }

    private async Task<Acknowledgement> HandleInstructionAsync(MqttContract contract, ReadOnlyMemory<byte> payload, CancellationToken ct)
    {
        var (message, fault) = InstructionMessage.Read(payload);
        if (message is null || fault is not null)
        {
            return Acknowledgement.No(contract.Id.Key, Malformed, fault!, clock.GetCurrentInstant(), message);
        }

        try
        {
            var outcome = await host.InstructAsync(contract.Id, contract.Rules, _ => message.Command(), ct);
            return Acknowledgement.Create(contract.Id.Key, message, outcome, clock.GetCurrentInstant());
        }
        catch (Exception e) when (e is not (StoreUnavailableException or OperationCanceledException or OutOfMemoryException))
        {
            // It would fail again however often the broker handed it out, and hold up those behind it.
            LogNotTaken(log, contract.Id.Key, e);
            return Acknowledgement.No(contract.Id.Key, NotTaken, "this service could not take it, its log says why; what ran before runs on", clock.GetCurrentInstant(), message);
        }
    }

    private void HandleSignal(MqttContract contract, ReadOnlyMemory<byte> payload, bool retained)
    {
        var now = clock.GetCurrentInstant();
        var (message, fault) = SignalMessage.Read(payload);
        Instant? last = _lastSignal.TryGetValue(contract.Id, out var at) ? at : null;
        var refusal = message is null ? $"{Malformed}: {fault}" : message.Stale(last, PoolParts.Contract(contract.Contract).SignalAgeLimit, retained, now);
        if (refusal is null)
        {
            _lastSignal[contract.Id] = message!.At;
            signals.Set(contract.Pool, (double)message.Pu, null);
            host.Refresh(p => p.Spec.Id == contract.Pool);
        }

        status.RecordMessage(contract.Id, refusal);
    }

    /// <summary>A contract that is stored and does not run is told so; what belongs to none is nobody's.</summary>
    private (string Topic, Acknowledgement Said)? Unknown(string topic, ReadOnlyMemory<byte> payload) =>
        host.Entries.Contracts.Find(c => c.Id.Tenant == options.Tenant && c.Settings.Mqtt is { } mqtt && ContractTopics.FindTopic(mqtt.Topic, ServiceKind.Instruction) == topic) is { } stored
            ? (ContractTopics.GetAnswerTopic(stored.Settings.Mqtt!.Topic),
            Acknowledgement.No(stored.Id.Key, NotRunning, "the contract does not run; GET /v1/contracts/{contractId} says why", clock.GetCurrentInstant(), InstructionMessage.Read(payload).Message))
            : null;

    [LoggerMessage(EventIds.MqttHandlerNotTaken, LogLevel.Error, "A message to contract {Contract} can't be taken")]
    private static partial void LogNotTaken(ILogger logger, string contract, Exception fault);
}

/// <summary>A topic that we listen to.</summary>
/// <param name="Contract">Whose.</param>
/// <param name="IsSignal">A regulation signal comes there, else instructions.</param>
internal sealed record TopicSubscription(EntryId Contract, bool IsSignal);

/// <summary>A contract that is told over MQTT, in its pool.</summary>
internal sealed record MqttContract(EntryId Id, EntryId Pool, PoolContract Contract)
{
    public InstructionRules Rules => Contract.Instructions;
}
