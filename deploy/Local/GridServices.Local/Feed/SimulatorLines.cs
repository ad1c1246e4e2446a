using System.Text.RegularExpressions;

namespace GridServices.Local.Feed;

/// <summary>What the simulated programs print for people, as changes.</summary>
internal static partial class SimulatorLines
{
    // What every exchange leaves behind; the events and limits that come of it are told by the services.
    private static readonly string[] Details = [" event(s)", " reports ", " offers ", "oadrCreatedReport", "Mirror usage point", " subscribes to ", "Notifies of ",
        "GET /", "control API at /sim/", "; samples to "];

    /// <param name="source">The program's label.</param>
    /// <param name="line">As it printed it.</param>
    /// <param name="findSite">The site that a name in the line belongs to, as far as the services have told; null otherwise.</param>
    public static Change Read(string source, string line, Func<string, string?> findSite)
    {
        var owner = Owner().Match(line).Value;
        return new Change(source, findSite(owner), string.Empty, line)
        {
            Owner = owner,
            Weight = Details.Any(detail => line.Contains(detail, StringComparison.Ordinal)) ? ChangeWeight.Detail : ChangeWeight.Normal,
        };
    }

    // "Device 3: started the control" and "VEN-site-1 answers demo-5/0: optIn (200)" begin with whose they are.
    [GeneratedRegex(@"^(Device \d+|\S*VEN\S*)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Owner();
}
