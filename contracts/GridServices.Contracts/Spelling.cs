namespace GridServices.Contracts;

/// <summary>"Did you mean …?"</summary>
public static class Spelling
{
    private const int MaxLength = 64;
    private const int MostListed = 20;

    /// <summary>The known name with the fewest edits to the written one, or null where none is near (a third of its letters).</summary>
    public static string? Nearest(string written, IEnumerable<string> known)
    {
        if (written.Length > MaxLength)
        {
            return null;
        }

        var nearest = known.Select(name => (Name: name, Edits: Edits(written.ToUpperInvariant(), name.ToUpperInvariant())))
            .OrderBy(c => c.Edits).ThenBy(c => c.Name, StringComparer.Ordinal).FirstOrDefault();
        return nearest.Name is not null && nearest.Edits <= Math.Max(1, nearest.Name.Length / 3) ? nearest.Name : null;
    }

    /// <summary>What to say of a member that is not known.</summary>
    public static string Unknown(string written, IEnumerable<string> known) => $"{SafeText.Quote(written)} is not known here; "
        + (Nearest(written, known) is { } near ? $"did you mean {near}?" : $"remove it, or use one of {string.Join(", ", known.Order(StringComparer.Ordinal))}");

    /// <summary>What to say of a value that is none of the words of a list.</summary>
    /// <param name="written">The word; null where no text was written.</param>
    /// <param name="shown">The value as it was written.</param>
    /// <param name="known">The words.</param>
    public static string NotAmong(string? written, string shown, IReadOnlyList<string> known) => $"one of {string.Join(", ", known)} is wanted here, not {shown}"
        + (written is not null && Nearest(written, known) is { } near ? $"; did you mean {near}?" : string.Empty);

    /// <summary>How to go on from a name that is not known: the nearest one, or those that there are.</summary>
    public static string Hint(string written, IEnumerable<string> known)
    {
        var names = known.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        return Nearest(written, names) is { } near ? $"did you mean {near}?"
            : names.Length == 0 ? "there are none here"
            : $"known are {string.Join(", ", names.Take(MostListed))}{(names.Length > MostListed ? ", …" : string.Empty)}";
    }

    /// <summary>Edits from one to the other; two neighbours that changed places count as one (Damerau-Levenshtein, optimal string alignment).</summary>
    private static int Edits(string a, string b)
    {
        var (before, last, row) = (new int[b.Length + 1], Enumerable.Range(0, b.Length + 1).ToArray(), new int[b.Length + 1]);
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
                }
            }

            (before, last, row) = (last, row, before);
        }

        return last[b.Length];
    }
}
