namespace GridServices.Tariffs.Model;

public enum TrueUpRule
{
    /// <summary>What is left is paid out (kWh at <see cref="ExportTerms.TrueUpPrice"/>).</summary>
    Pay,

    /// <summary>What is left is lost.</summary>
    Expire,

    /// <summary>What is left becomes money and moves on.</summary>
    RollOver,
}
