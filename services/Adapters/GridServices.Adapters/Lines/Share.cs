namespace GridServices.Adapters.Lines;

/// <summary>A peer's part of what the whole site may do: several peers behind one limit must keep it together.</summary>
public static class Share
{
    /// <summary>All of it, percent.</summary>
    public const int Whole = 100;

    /// <summary>The part of a limit, W, rounded towards zero; null: no limit, of which any part is none either.</summary>
    public static long? Compute(long? watts, int percent) => watts is { } limit ? Compute(limit, percent) : null;

    /// <summary>The part of a limit, W, rounded towards zero.</summary>
    public static long Compute(long watts, int percent) => (long)decimal.Truncate((decimal)watts * percent / Whole);
}
