using GridServices.FrequencyResponse.Catalog;

namespace GridServices.FrequencyResponse.Service.Registry;

/// <summary>What the service's terms take beyond the payment that is lost; configuration, with where it stands and how well it is known. Money in the currency of the contract's price.</summary>
public sealed record PenaltyTerms
{
    /// <summary>Per MW and hour that will be missing without having been declared.</summary>
    public decimal UnavailablePerMwHour { get; init; }

    /// <summary>The same as a multiple of the payment that is lost by it.</summary>
    public decimal UnavailableTimesPayment { get; init; }

    /// <summary>Per MW and hour that was declared with less than the notice.</summary>
    public decimal LatePerMwHour { get; init; }

    /// <summary>The same as a multiple of the payment that is lost by it.</summary>
    public decimal LateTimesPayment { get; init; }

    /// <summary>Where the terms say so.</summary>
    public required string Source { get; init; }

    /// <summary>How well it is known.</summary>
    public Certainty Certainty { get; init; } = Certainty.Configured;
}
