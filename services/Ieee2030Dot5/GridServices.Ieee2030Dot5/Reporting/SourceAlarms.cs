using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Reporting;

/// <summary>What an asset, or the connection point, last said of its alarms.</summary>
/// <param name="Source">The asset; empty: the connection point.</param>
/// <param name="ChangedAt">When that differed last from what was said before, our time: what is older is of the past.</param>
/// <param name="Raised">In the order of <see cref="AlarmKind"/>; empty: all have returned to normal.</param>
public sealed record SourceAlarms(string Source, Instant ChangedAt, ValueList<RaisedAlarm> Raised);

/// <summary>An alarm that is raised.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Since">Our time.</param>
public sealed record RaisedAlarm(AlarmKind Kind, Instant Since);
