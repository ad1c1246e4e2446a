using GridServices.Wire;

namespace GridServices.OpenAdr.Events;

/// <summary>An event that is no longer held, while limits still come back from it.</summary>
/// <param name="Event">As it was held last; its <see cref="HeldEvent.CancelledAt"/> says where it ended, if before its time.</param>
/// <param name="SitesOut">Sites that took no part, and have nothing to come back from.</param>
public sealed record RecoveringEvent(HeldEvent Event, ValueList<string> SitesOut);
