namespace GridServices.Hosting.Auth;

/// <summary>A tokens file as it was last read; a broken one changes nothing.</summary>
/// <param name="path">Where it is.</param>
/// <param name="controllersOnly">The file is written by software: it may be absent, and holds tokens of controllers that name their sites, nothing else.</param>
internal sealed class WatchedTokenFile(string path, bool controllersOnly)
{
    private (DateTime Written, long Length)? _stamp;

    internal string Path => path;

    internal IReadOnlyList<TokenEntry> Entries { get; private set; } = [];

    /// <summary>Reads the file where it differs from what was read last.</summary>
    /// <returns>False: it is as it was.</returns>
    /// <exception cref="StartException">It can't be used; the entries are as before, and it is read again once it changes.</exception>
    internal bool Read()
    {
        var file = new FileInfo(path);
        (DateTime, long) stamp = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
        if (stamp == _stamp)
        {
            return false;
        }

        _stamp = stamp;
        Entries = controllersOnly && !file.Exists ? [] : Checked(TokenFile.Read(path));
        return true;
    }

    private IReadOnlyList<TokenEntry> Checked(IReadOnlyList<TokenEntry> entries)
    {
        if (controllersOnly)
        {
            return entries.FirstOrDefault(e => e.Role != Role.Controller || e.Sites is not { Count: > 0 }) is { } other
                ? throw new StartException($"The tokens file {path} can't be used: token '{other.Id}' is not a controller's for named sites, and only those are taken from this file.")
                : entries;
        }

        // Two callers of one name would be one in the audit, and share places at a stream. What software writes has names by site, which must not shut out other sites.
        return entries.FirstOrDefault(e => e.Id.StartsWith(CallerClaims.IdPrefix, StringComparison.Ordinal)) is { } named
            ? throw new StartException($"The tokens file {path} can't be used: '{named.Id}' is no id of a token, for access tokens are called '{CallerClaims.IdPrefix}' and their subject; give it another.")
            : entries;
    }
}
