namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Who wins a mode: lower primacy, then later creation, then the greater mRID, so that the order is total. First is strongest.</summary>
internal sealed class ControlPrecedence : IComparer<HeldControl>
{
    public static ControlPrecedence Order { get; } = new();

    public int Compare(HeldControl? x, HeldControl? y)
    {
        if (x is null || y is null)
        {
            return x is null ? (y is null ? 0 : 1) : -1;
        }

        // Behaviour rule 19: primacy over programmes, creationTime inside one, mRID between equals.
        var byPrimacy = x.Primacy.CompareTo(y.Primacy);
        var byCreation = byPrimacy != 0 ? byPrimacy : y.Content.CreationTime.CompareTo(x.Content.CreationTime);
        return byCreation != 0 ? byCreation : string.Compare(y.MRid, x.MRid, StringComparison.OrdinalIgnoreCase);
    }
}
