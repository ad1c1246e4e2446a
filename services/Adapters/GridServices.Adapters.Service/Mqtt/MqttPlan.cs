using GridServices.Adapters.Lines;
using GridServices.Adapters.Messages;

namespace GridServices.Adapters.Service.Mqtt;

/// <summary>What one adapter says at a broker.</summary>
/// <param name="Broker">Where.</param>
/// <param name="Now">What is to stand there.</param>
/// <param name="Parting">What is left there at an orderly end.</param>
/// <param name="OnlineTopic">Set to 0 by the broker when we are gone; null: none.</param>
/// <param name="Topics">All topics that are said: nobody else may say them.</param>
internal sealed record MqttPlan(
    BrokerSettings Broker, Func<SiteView, IReadOnlyList<PeerMessage>> Now, Func<SiteView, IReadOnlyList<PeerMessage>> Parting, string? OnlineTopic,
    IReadOnlyList<string> Topics);
