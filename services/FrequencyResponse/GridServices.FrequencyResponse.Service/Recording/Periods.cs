using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>Settlement periods: equal lengths, counted from midnight UTC.</summary>
internal static class Periods
{
    public static Duration GetLength(PoolContract contract) => contract.Sold.SettlementPeriod ?? ContractAccount.GetPeriodLength(contract.Service);

    public static Instant ComputeStart(Instant at, Duration length)
    {
        var ticks = at.ToUnixTimeTicks();
        var step = length.BclCompatibleTicks;
        return Instant.FromUnixTimeTicks(ticks - (((ticks % step) + step) % step));
    }

    /// <summary>Seconds of [from, until) in which the contract is procured.</summary>
    public static double ProcuredSeconds(ContractSettings contract, Instant from, Instant until) => contract.Windows.Sum(w =>
    {
        var begin = Instant.Max(w.From, from);
        var end = w.Until is { } stated ? Instant.Min(stated, until) : until;
        return end > begin ? (end - begin).TotalSeconds : 0;
    });
}
