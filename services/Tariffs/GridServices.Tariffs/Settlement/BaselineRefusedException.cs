using GridServices.Tariffs.Bills;

namespace GridServices.Tariffs.Settlement;

/// <summary>A rule that finds too few like days, or not the weather that it needs: another rule may stand in.</summary>
public sealed class BaselineRefusedException : BillRefusedException
{
    public BaselineRefusedException()
    {
    }

    public BaselineRefusedException(string message)
        : base(message)
    {
    }

    public BaselineRefusedException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Temperatures that are not known (yet) could let the rule give a baseline after all.</summary>
    internal bool AwaitsWeather { get; init; }
}
