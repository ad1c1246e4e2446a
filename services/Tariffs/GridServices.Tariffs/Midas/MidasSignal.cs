namespace GridServices.Tariffs.Midas;

/// <summary>A signal that is fetched.</summary>
/// <param name="Kind">What it is taken as.</param>
/// <param name="Name">The price series or grid zone that it becomes.</param>
/// <param name="RateId">Its RIN.</param>
public sealed record MidasSignal(MidasKind Kind, string Name, string RateId);

/// <summary>What a signal is taken as.</summary>
public enum MidasKind
{
    /// <summary>Energy prices: the series <c>name</c>, and <c>name.export</c> where the rate has export prices.</summary>
    Prices,

    /// <summary>Carbon intensity of the grid zone <c>name</c>.</summary>
    Intensity,
}
