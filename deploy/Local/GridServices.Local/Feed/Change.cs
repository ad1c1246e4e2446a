namespace GridServices.Local.Feed;

/// <summary>Something that changed, for the person who watches.</summary>
/// <param name="Source">What told it: a service, a simulator, or <c>limit</c> for what holds at a site.</param>
/// <param name="Site">The site it is about; null where it is about none, or the teller doesn't know.</param>
/// <param name="Key">The thing that changed, unique within its source; empty where it is unknown.</param>
/// <param name="Text">The thing and how it is now.</param>
internal sealed record Change(string Source, string? Site, string Key, string Text)
{
    public ChangeWeight Weight { get; init; } = ChangeWeight.Normal;

    /// <summary>Whose change it is, where one service serves many: a VEN, a client, a device. A flood of one hides no other.</summary>
    public string Owner { get; init; } = string.Empty;

    /// <summary>What must differ for it to be told again; the text, unless a part of that moves all the time.</summary>
    public string Sameness { get; init; } = Text;

    /// <summary>It was over before anybody watched: not told to somebody who has just started.</summary>
    public bool IsOver { get; init; }
}

/// <summary>Who wants to read it.</summary>
internal enum ChangeWeight
{
    /// <summary>With <c>--verbose</c> only.</summary>
    Detail,

    /// <summary>Not with <c>--quiet</c>.</summary>
    Normal,

    /// <summary>Always: a person should look at it. Its key needs attention until a change of another weight.</summary>
    Alarm,
}
