using NodaTime;

namespace GridServices.OpenAdr.Registration;

/// <summary>A registration in force.</summary>
/// <param name="RegistrationId">The VTN's name for it.</param>
/// <param name="VenId">What the VEN is called in it.</param>
/// <param name="VtnId">Whom it is with; compared exactly (OpenADR 2.0b rule 512).</param>
/// <param name="PollFrequency">The VTN's wish, clamped; null: none stated.</param>
/// <param name="Since">Since when the VEN is registered with this VTN under this venID; null: not noted.</param>
public sealed record VenRegistration(string RegistrationId, string VenId, string VtnId, Duration? PollFrequency, Instant? Since = null);

/// <summary>How the VEN gets registered, and what keeps it from running in circles.</summary>
public sealed record RegistrationPlan
{
    /// <summary>True: a person ended the registration; the VEN waits for a person.</summary>
    public bool Paused { get; init; }

    /// <summary>Since when there is no registration any more; null: there is one, or there never was.</summary>
    public Instant? EndedAt { get; init; }

    /// <summary>True: the VTN was asked what it offers.</summary>
    public bool Queried { get; init; }

    /// <summary>How often that question was answered with an error, in a row.</summary>
    public int QueryFailures { get; init; }

    /// <summary>Not before this; null: at once.</summary>
    public Instant? NotBefore { get; init; }

    /// <summary>How often the VTN refused to register the VEN, in a row.</summary>
    public int Refusals { get; init; }

    /// <summary>Registrations that the VTN made necessary, in a row, those that succeeded included.</summary>
    public int Circles { get; init; }

    /// <summary>When the last of them was.</summary>
    public Instant? CircledAt { get; init; }
}
