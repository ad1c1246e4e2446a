using GridServices.EnvelopeHub.Sites;

namespace GridServices.EnvelopeHub.Nodes;

/// <summary>What one commit of publications tells the other instances on its store.</summary>
/// <param name="Commits">Its number: one more than the commit before, or further on where an instance started and left numbers out.</param>
/// <param name="Previous">The number of the commit before it, whoever made that.</param>
/// <param name="Node">The instance that made it.</param>
/// <param name="Sites">The sites that it changed; none where an instance started. Null: any, for there were too many to name, or what is stored can't be read.</param>
public sealed record CommitNotice(long Commits, long Previous, string Node, IReadOnlyList<SiteKey>? Sites)
{
    /// <summary>More sites than this are not named: reading all that are in memory anew costs less than so many names in each notice.</summary>
    public const int MostNamed = 2_000;

    private const string Any = "*";

    /// <summary>The sites as one text: a line for each, tenant and site with a slash between, which neither of them has.</summary>
    public static string Text(IReadOnlyCollection<SiteKey> sites)
    {
        ArgumentNullException.ThrowIfNull(sites);
        return sites.Count > MostNamed ? Any : string.Join('\n', sites);
    }

    /// <summary>Reads <see cref="Text"/>; null: any site.</summary>
    public static IReadOnlyList<SiteKey>? Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var sites = new List<SiteKey>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var slash = line.IndexOf('/', StringComparison.Ordinal);
            if (slash <= 0 || slash == line.Length - 1)
            {
                return null;
            }

            sites.Add(new SiteKey(line[..slash], line[(slash + 1)..]));
        }

        return sites;
    }
}
