using NodaTime;

namespace GridServices.Operations.Opt;

/// <summary>A span of an opt schedule, [<paramref name="From"/>, <paramref name="Until"/>), of whole seconds.</summary>
public sealed record OptSpan(Instant From, Instant Until);

/// <summary>A plan that an opt schedule says, in the version that it says.</summary>
public sealed record OptPlanRef(string Id, int Version);
