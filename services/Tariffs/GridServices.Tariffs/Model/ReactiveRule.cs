namespace GridServices.Tariffs.Model;

public enum ReactiveRule
{
    /// <summary>Peak kvar above a share of peak kW.</summary>
    ExcessKvar,

    /// <summary>kvarh above a share of kWh.</summary>
    ExcessKvarh,
}
