using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Discovery;

/// <summary>A resource the client keeps reading, and what it last said.</summary>
/// <param name="Kind">What it is read as.</param>
/// <param name="Href">Path and query at the server.</param>
public sealed record Node(NodeKind Kind, string Href)
{
    /// <summary>The last content that could be taken, whole lists in one; null: none yet. Later trouble doesn't take it away.</summary>
    public Resource? Known { get; init; }

    /// <summary>Of the reply that <see cref="Known"/> was read from, hex; null where it took several, and for resources that state no limits.</summary>
    public string? Sha256 { get; init; }

    /// <summary>True: a list that became shorter while its pages were read, so that an item may have slipped from one page to another unread.</summary>
    public bool Slipped { get; init; }

    /// <summary>True: the server last said that it has no such resource, or doesn't show it.</summary>
    public bool Missing { get; init; }

    /// <summary>Since when it can't be read, our time; null: it can. Another resource's success doesn't clear it, and neither does a start.</summary>
    public Instant? UnreadSince { get; init; }

    /// <summary>Time between readings: the resource's pollRate, or that of the list that leads to it, clamped.</summary>
    public Duration Rate { get; init; }

    /// <summary>Made once: every step asks for that of every resource.</summary>
    public string Key { get; } = GetKey(Kind, Href);

    internal static string GetKey(NodeKind kind, string href) => $"{(int)kind:D2} {href}";
}

/// <summary>How the reading of one node stands. Lost in a crash without harm.</summary>
public sealed record NodeReading
{
    /// <summary>When it was last read to the end; null: not in this run.</summary>
    public Instant? ReadAt { get; init; }

    /// <summary>What was wrong with the last answer; null: nothing.</summary>
    public string? Trouble { get; init; }

    /// <summary>True: the last answer was none that can be used, or none came. Otherwise it was taken, with <see cref="Trouble"/> as a doubt about it.</summary>
    public bool IsRefused { get; init; }

    /// <summary>True once it was read to the end in this run, whatever came since: what is merely kept from before may be over.</summary>
    public bool IsRead { get; init; }

    /// <summary>When to read it again sooner than in its rhythm; null: in its rhythm.</summary>
    public Instant? AgainAt { get; init; }

    /// <summary>When a notification first named it since the last reading began; null: none did.</summary>
    public Instant? ToldAt { get; init; }

    /// <summary>How often in a row it was to be read again sooner.</summary>
    public int Tries { get; init; }

    /// <summary>Since when, by our clock, the list lacks something that it held and that is kept until this is confirmed; null: nothing.</summary>
    public Instant? LeavingSince { get; init; }

    /// <summary>True: this reading confirmed that what the list held before is gone.</summary>
    public bool IsDeparture { get; init; }

    /// <summary>True: the list promised more than it gave, or held what can't be read: what it lacks may be there all the same.</summary>
    public bool IsHalf { get; init; }

    /// <summary>By what the server named the content that is held, for reading it again only where it changed; null: it is read whole.</summary>
    public EntityTag? Tag { get; init; }

    /// <summary>The pages read so far of a list that takes several; null: none is being read.</summary>
    public PagesSoFar? Pages { get; init; }
}

/// <summary>A list read in part.</summary>
/// <param name="List">The pages in one.</param>
/// <param name="Pages">How many there were.</param>
/// <param name="Bound">How many there may be.</param>
/// <param name="Growths">How often the list had grown since the page before.</param>
/// <param name="Slipped">True: the list became shorter, or was put together otherwise, since its first page.</param>
public sealed record PagesSoFar(Resource List, int Pages, int Bound, int Growths, bool Slipped = false);

/// <summary>Something that failed and waits.</summary>
public sealed record Hold(Instant Until, int Tries)
{
    /// <summary>What the server said to it, or why there was no answer; null where it merely waits.</summary>
    public string? Why { get; init; }

    /// <summary>When it failed first, our time; null where it merely waits.</summary>
    public Instant? Since { get; init; }

    /// <summary>True: people were told that it fails while the server answers otherwise.</summary>
    public bool IsTold { get; init; }
}
