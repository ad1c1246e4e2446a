using GridServices.Adapters.Lines;
using NodaTime;

namespace GridServices.Adapters.Modbus;

/// <summary>
/// The registers that a PLC reads, 16 bits each, high word first; the same as holding and as input registers.
/// <code>
///   0      version of this map (1)
///   1      status: bit 0 all is known · 1 import limited · 2 export limited · 3 consumption limited · 4 production limited
///          · 5 no word of the hub since the start
///   2-3    import limit W        4-5  export limit W
///   6-7    consumption limit W   8-9  production limit W      (no limit: the configured greatest power, and its bit is 0)
///   10-11  seconds since the hub's last word (4294967295: none since the start)
///   12     heartbeat: seconds that this program has run, modulo 65536
///   13-14  seconds until one of these limits changes (4294967295: not as things stand)
/// </code>
/// </summary>
public sealed record RegisterMap
{
    public const int Count = 15;

    /// <summary>Registers from this one to <see cref="LastLimit"/> hold limits.</summary>
    internal const int FirstLimit = 2;
    internal const int LastLimit = 9;
    private const ushort Version = 1;
    private const int KnownBit = 0;
    private const int NeverHeardBit = 5;
    private static readonly Quantity[] Quantities = [Quantity.ImportLimitW, Quantity.ExportLimitW, Quantity.ConsumptionW, Quantity.ProductionW];

    /// <summary>Stands for "no limit", W, and is the most that any register says.</summary>
    public required uint MostW { get; init; }

    /// <summary>By so much a limit shows before it begins: the PLC's own cycle.</summary>
    public Duration Lead { get; init; } = Duration.FromSeconds(1);

    /// <summary>All registers at this instant.</summary>
    /// <param name="view">What is known.</param>
    /// <param name="rules">The site's.</param>
    /// <param name="running">Since the program started.</param>
    public ushort[] Read(SiteView view, SiteRules rules, Duration running)
    {
        ArgumentNullException.ThrowIfNull(view);
        LimitLine[] lines = [.. Quantities.Select(q => LimitLine.From(view, q, rules))];
        long?[] limits = [.. lines.Select(l => l.Least(view.At, view.At + Lead).Watts)];
        var ends = lines.Select(l => l.At(view.At).Until).OfType<Instant>().ToList();
        var status = (view.IsKnown ? 1 << KnownBit : 0) | (view.SinceHeard is null ? 1 << NeverHeardBit : 0) | limits.Select((w, i) => w is null ? 0 : 1 << (i + 1)).Sum();
        return
        [
            Version, (ushort)status,
            .. limits.SelectMany(w => ToRegisters(w is { } watts ? (uint)Math.Min(watts, MostW) : MostW)),
            .. ToRegisters(Seconds(view.SinceHeard)),
            (ushort)((long)running.TotalSeconds % (ushort.MaxValue + 1)),
            .. ToRegisters(Seconds(ends.Count == 0 ? null : ends.Min() - view.At)),
        ];
    }

    private static uint Seconds(Duration? duration) => duration is { } known ? (uint)Math.Clamp(known.TotalSeconds, 0, uint.MaxValue - 1) : uint.MaxValue;

    private static IEnumerable<ushort> ToRegisters(uint value) => [(ushort)(value >> 16), (ushort)(value & ushort.MaxValue)];
}
