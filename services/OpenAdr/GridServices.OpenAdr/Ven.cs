using NodaTime;

namespace GridServices.OpenAdr;

/// <summary>A virtual end node of OpenADR 2.0b: state and input in, new state, publications and the next request out. No I/O, no clock, no dice.</summary>
public static class Ven
{
    /// <summary>What to do now: one request, or wait. Depends on its arguments alone.</summary>
    public static VenNext Next(VenConfig config, VenState state, Instant now) => throw new NotSupportedException("arrives with the next push");

    /// <summary>Takes in what happened. <paramref name="seed"/>: drawn anew by the caller for every input; the only source of chance.</summary>
    public static VenStep Apply(VenConfig config, VenState state, VenInput input, Instant now, ulong seed) =>
        throw new NotSupportedException("arrives with the next push");
}
