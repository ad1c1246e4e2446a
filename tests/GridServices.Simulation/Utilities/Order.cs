using NodaTime;

namespace GridServices.Simulation.Utilities;

/// <summary>What a utility wants of the site: one event or control in all the versions that it has issued. The truth that the site is judged by.</summary>
/// <param name="Id">Its eventID or mRID.</param>
/// <param name="Stream">Key of the stream that carries it.</param>
/// <param name="IsExport">True: it limits what is fed in; false: what is drawn.</param>
internal sealed record Order(string Id, string Stream, bool IsExport)
{
    private readonly List<OrderVersion> _versions = [];

    /// <summary>Numbered from 0.</summary>
    public IReadOnlyList<OrderVersion> Versions => _versions;

    public OrderVersion Latest => _versions[^1];

    public void Issue(OrderVersion version) => _versions.Add(version);
}

/// <summary>One version of an order, in force in [<see cref="From"/>, <see cref="Until"/>).</summary>
/// <param name="Number">Its modification number.</param>
/// <param name="IssuedAt">When the utility began to say it.</param>
/// <param name="From">Begin.</param>
/// <param name="Until">End.</param>
/// <param name="StartAfter">The begin may be delayed by up to this, by lot.</param>
/// <param name="LimitW">W; null: the order is cancelled.</param>
internal sealed record OrderVersion(long Number, Instant IssuedAt, Instant From, Instant Until, Duration StartAfter, long? LimitW)
{
    /// <summary>What certainly holds at an instant, whatever was drawn and however far clocks are off; null: perhaps nothing.</summary>
    public long? CertainAt(Instant at, Duration clockError) => at >= From + StartAfter + clockError && at < Until - clockError ? LimitW : null;

    /// <summary>True where it may hold at an instant.</summary>
    public bool MayHoldAt(Instant at, Duration clockError) => LimitW is not null && at >= From - clockError && at < Until + StartAfter + clockError;
}
