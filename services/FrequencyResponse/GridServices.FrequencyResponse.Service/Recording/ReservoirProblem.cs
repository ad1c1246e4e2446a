using System.Globalization;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Energy;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>What is wrong with a limited reservoir, in a line.</summary>
internal static class ReservoirProblem
{
    /// <param name="outlook">What it must hold, holds, and will hold.</param>
    /// <param name="deadline">By when it must be restored; null: nothing is to be.</param>
    /// <param name="now">The wall clock.</param>
    /// <returns>Null: nothing.</returns>
    public static string? Describe(ReservoirOutlook outlook, Instant? deadline, Instant now)
    {
        var missing = string.Create(CultureInfo.InvariantCulture, $"{outlook.RaiseMissingWh / 1e6:0.######} MWh missing and {outlook.LowerMissingWh / 1e6:0.######} MWh too full for full activation");
        return outlook.Holds ? null
            : outlook.RaiseHeldWh is null ? "the state of energy is not known"
            : deadline is not { } by ? missing
            : by <= now ? $"{missing}; it was to be restored by {TimeText.Format(by)}"
            : outlook.RestoredAt is not null ? null
            : outlook.RestoreW is not { } power ? $"{missing}; the store is too small to hold both"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{missing}; along the planned baseline it will not be restored by {TimeText.Format(by)}: {(power < 0 ? "charge" : "discharge")} {Math.Abs(power):0} W more until then");
    }
}
