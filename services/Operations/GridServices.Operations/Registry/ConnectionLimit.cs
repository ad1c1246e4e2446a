using System.Globalization;
using GridServices.Operations.Enrollments;
using GridServices.Wire;

namespace GridServices.Operations.Registry;

/// <summary>What a connection may carry for hours, and how the number came about. A quantity that cannot be told is null and has a required action: it never means "no limit".</summary>
public sealed record ConnectionLimit
{
    /// <summary>W, rounded toward zero; null = unknown.</summary>
    public long? ImportW { get; init; }

    /// <summary>W; null = unknown, and then nothing may be exported.</summary>
    public long? ExportW { get; init; }

    /// <summary>Continuous A per conductor; null where only the agreement's power is known.</summary>
    public decimal? ContinuousA { get; init; }

    /// <summary>The calculation in one line, such as <c>100 A / 1.25 (NEC 625.42) x 480 V x sqrt(3) = 66510 W</c>; null where there is none.</summary>
    public string? Calculation { get; init; }

    /// <summary>The rule that the limit comes from, for the envelope's provenance.</summary>
    public required string Rule { get; init; }

    public ValueList<RequiredAction> Actions { get; init; } = [];

    /// <summary>Amps x volts x phases, reduced for continuous load, and never above what the agreement allows.</summary>
    public static ConnectionLimit Compute(SiteConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var actions = new List<RequiredAction>();
        var electrical = ElectricalLimit.Compute(connection, actions);
        var agreed = Agreed(connection.ImportMaxW, "/connection/importMaxW", actions);
        if (electrical is null && agreed is null && actions.Count == 0)
        {
            actions.Add(Blocking("connection.importUnknown", "/connection", "state the breaker or fuse (A), the voltage and the phases, or the power that the connection agreement allows"));
        }
        else if (electrical is null && actions.Count == 0)
        {
            actions.Add(Blocking("connection.ratingUnknown", "/connection/ratingA", "only the agreement's power is known; add breaker or fuse, voltage and phases, so that they are protected too") with { Blocks = false });
        }

        return new ConnectionLimit
        {
            ImportW = Least(electrical?.PowerW, agreed),
            ExportW = Export(connection, electrical, actions),
            ContinuousA = electrical?.ContinuousA,
            Calculation = electrical?.Calculation,
            Rule = electrical?.Rule ?? "connection agreement",
            Actions = actions.ToValueList(),
        };
    }

    /// <summary>The limit that holds at the site: of the connection as it is stated, and of what was stated before where that was left out.</summary>
    public static ConnectionLimit Compute(Site site)
    {
        ArgumentNullException.ThrowIfNull(site);
        var stated = Compute(site.Connection);
        if (site.HeldConnection is not { } basis)
        {
            return stated;
        }

        var held = Compute(basis);
        return held with { Actions = [Held(held, stated), .. stated.Actions] };
    }

    /// <summary>Whether the connection as it is stated now is a whole limit, which a person can confirm; not while something that is needed lacks.</summary>
    public static bool MayConfirm(Site site)
    {
        ArgumentNullException.ThrowIfNull(site);
        var stated = Compute(site.Connection);
        return stated.ImportW is not null && !stated.Actions.Any(a => a.Blocks);
    }

    private static RequiredAction Held(ConnectionLimit held, ConnectionLimit stated)
    {
        var now = stated.ImportW is { } watts ? string.Create(CultureInfo.InvariantCulture, $"what is stated now would allow {watts} W") : "what is stated now gives no limit";
        return Blocking("connection.held", "/connection", string.Create(
            CultureInfo.InvariantCulture, $"the limit stays at {held.ImportW} W of import, as it was stated before: {now}. State what was left out{(stated.ImportW is null || stated.Actions.Any(a => a.Blocks) ? string.Empty : ", or confirm what is stated now")}"));
    }

    internal static RequiredAction Blocking(string code, string pointer, string text) =>
        new() { Code = code, Owner = ActionOwner.Us, Pointer = pointer, Text = text };

    /// <summary>The same conductors carry both directions.</summary>
    private static long? Export(SiteConnection connection, ElectricalLimit? electrical, List<RequiredAction> actions)
    {
        if (connection.ExportMaxW is null)
        {
            // It holds nothing up: until it is stated, 0 W is published.
            actions.Add(Blocking("connection.exportUnknown", "/connection/exportMaxW", "state what may be exported, 0 for nothing; until then nothing may be") with { Blocks = false });
            return null;
        }

        var agreed = Agreed(connection.ExportMaxW, "/connection/exportMaxW", actions);
        return agreed is null ? null : Least(electrical?.PowerW, agreed);
    }

    private static long? Agreed(long? power, string pointer, List<RequiredAction> actions)
    {
        if (power is null or >= 0 and <= ElectricalLimit.MostW)
        {
            return power;
        }

        actions.Add(Blocking("connection.invalid", pointer, string.Create(CultureInfo.InvariantCulture, $"must be 0 to {ElectricalLimit.MostW} W")));
        return null;
    }

    private static long? Least(long? left, long? right) => left is null ? right : right is null ? left : Math.Min(left.Value, right.Value);
}
