using System.Collections.Immutable;
using GridServices.OpenAdr.Configuration;
using GridServices.Wire;

namespace GridServices.OpenAdr.Events;

/// <summary>An event that was taken and that the configuration in force does not understand any more.</summary>
/// <param name="Why">What speaks against it, as it would be answered today.</param>
/// <param name="Still">How sites carry it out all the same until the VTN has the optOut; null: they do no more, or never did.</param>
public sealed record LostMeaning(string Why, CarriedOn? Still)
{
    /// <summary>signalIDs of what was understood until then, all of which must be again; null: an earlier version did not note it.</summary>
    public ValueList<string>? Understood { get; init; }
}

/// <summary>The last reading of an event. Equal by content.</summary>
/// <param name="Program">The event's, as the earlier configuration had it.</param>
/// <param name="SitesOut">Sites that took no part.</param>
public sealed record CarriedOn(ProgramConfig Program, ValueList<string> SitesOut)
{
    /// <summary>W, by site: each one's own reference, if it had one; null: no signal refers to it, or an earlier version did not note it.</summary>
    public ImmutableSortedDictionary<string, long>? References { get; init; }

    /// <summary>W: the site's own reference in the last reading; null: it had none. Where nothing is noted, today's.</summary>
    internal long? ReferenceAt(string siteId, long? today) =>
        References is null ? today : References.TryGetValue(siteId, out var watts) ? watts : null;

    // Policies hold tables that compare by reference.
    public bool Equals(CarriedOn? other) =>
        other is not null && (ReferenceEquals(this, other) || (SitesOut.Equals(other.SitesOut) && AreEqual(References, other.References)
            && (ReferenceEquals(Program, other.Program) || StateJson.Write(Program).AsSpan().SequenceEqual(StateJson.Write(other.Program)))));

    public override int GetHashCode() => HashCode.Combine(Program.Stream, SitesOut);

    private static bool AreEqual(ImmutableSortedDictionary<string, long>? one, ImmutableSortedDictionary<string, long>? other) =>
        ReferenceEquals(one, other) || (one is not null && other is not null && one.SequenceEqual(other));
}
