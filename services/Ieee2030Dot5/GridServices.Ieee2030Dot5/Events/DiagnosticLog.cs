using GridServices.Contracts;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>What was found fault with and said, so that it is not said again.</summary>
internal sealed class DiagnosticLog(ValueList<Remark> held)
{
    /// <summary>Answers remembered of what is listed no more.</summary>
    private const int MostUnlisted = 1024;

    /// <summary>So many are remembered of what was not found where lists were not read whole: as many as there may be controls.</summary>
    private const int MostUnread = 4096;

    private readonly HashSet<(string About, ErrorClass Class)> said = [.. held.Select(r => (FoldCase(r.About), r.Class))];
    private readonly HashSet<(string About, byte Status)> answered = [.. held.Where(r => r.Told is not null).Select(r => (FoldCase(r.About), r.Told!.Value))];
    private List<Remark> all = [.. held];
    private bool changed;

    /// <summary>The same object where nothing changed.</summary>
    public ValueList<Remark> ToList() => changed ? all.ToValueList() : held;

    /// <summary>False: it was said before.</summary>
    public bool Add(Remark remark)
    {
        if (!said.Add((FoldCase(remark.About), remark.Class)))
        {
            return false;
        }

        all.Add(remark);
        changed = true;
        if (remark.Told is { } status)
        {
            _ = answered.Add((FoldCase(remark.About), status));
        }

        return true;
    }

    /// <summary>True where it was said.</summary>
    public bool Has(string about, ErrorClass error) => said.Contains((FoldCase(about), error));

    /// <summary>True where a response with that status has fallen due for something refused.</summary>
    public bool HasTold(string about, byte status) => answered.Contains((FoldCase(about), status));

    /// <summary>Without what is listed no more; what was answered is remembered a while, should it be listed again.</summary>
    /// <param name="listed">What was found.</param>
    /// <param name="isWhole">False: what is not found may be listed all the same, where a list was not read whole; the latest of it are remembered.</param>
    public void Prune(IReadOnlySet<string> listed, bool isWhole)
    {
        var surplus = all.Count(IsKeptUnlisted) - (isWhole ? MostUnlisted : MostUnread);
        var kept = all.Where(r => listed.Contains(r.About) || (IsKeptUnlisted(r) && --surplus < 0)).ToList();
        changed |= kept.Count != all.Count;
        all = kept;

        bool IsKeptUnlisted(Remark remark) => !listed.Contains(remark.About) && (!isWhole || remark.Told is not null);
    }

    private static string FoldCase(string about) => about.ToUpperInvariant();
}
