using GridServices.Contracts;

namespace GridServices.Wire.Engine;

/// <summary>Something for one site's streams.</summary>
public abstract record EnginePublication(string SiteId)
{
    public sealed record PublishEnvelope(Envelope Envelope) : EnginePublication(Envelope.SiteId);

    public sealed record WithdrawEnvelope(Withdrawal Withdrawal) : EnginePublication(Withdrawal.SiteId);

    public sealed record PublishPrices(PriceSeries Prices) : EnginePublication(Prices.SiteId);
}
