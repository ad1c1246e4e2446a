using GridServices.OpenAdr.Configuration;
using GridServices.Wire;

namespace GridServices.OpenAdr.Events;

/// <summary>An event that was taken and that the configuration in force does not understand any more.</summary>
/// <param name="Why">What speaks against it, as it would be answered today.</param>
/// <param name="Still">How sites carry it out all the same until the VTN has the optOut; null: they do no more, or never did.</param>
public sealed record LostMeaning(string Why, CarriedOn? Still);

/// <summary>The last reading of an event. Equal by content.</summary>
/// <param name="Program">The event's, as the earlier configuration had it.</param>
/// <param name="SitesOut">Sites that took no part.</param>
public sealed record CarriedOn(ProgramConfig Program, ValueList<string> SitesOut)
{
    // Policies hold tables that compare by reference.
    public bool Equals(CarriedOn? other) =>
        other is not null && (ReferenceEquals(this, other) || (SitesOut.Equals(other.SitesOut)
            && (ReferenceEquals(Program, other.Program) || StateJson.Write(Program).AsSpan().SequenceEqual(StateJson.Write(other.Program)))));

    public override int GetHashCode() => HashCode.Combine(Program.Stream, SitesOut);
}
