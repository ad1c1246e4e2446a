namespace GridServices.Tariffs.Allocation;

/// <summary>What the sessions of one user caused and brought in.</summary>
/// <param name="User">Who charged.</param>
/// <param name="Sessions">How many sessions.</param>
/// <param name="Kwh">Their energy in the site's data.</param>
/// <param name="Payable">What they caused, to the cent.</param>
/// <param name="Paid">What was paid; absent where it is not known of all, or where one is under way or lies partly outside of the site's data.</param>
public sealed record OwnerCost(string User, int Sessions, decimal Kwh, decimal Payable, decimal? Paid)
{
    /// <summary>Paid less caused.</summary>
    public decimal? Margin => Paid - Payable;
}
