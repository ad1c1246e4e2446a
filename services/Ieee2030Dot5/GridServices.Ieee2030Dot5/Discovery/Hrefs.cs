using System.Buffers;
using GridServices.Contracts;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Discovery;

/// <summary>
/// Links and redirects as a server sends them, made paths at that server's own origin. Whatever would lead anywhere else is refused:
/// a client certificate must not be shown to strangers, nor our network be probed for them.
/// </summary>
public static class Hrefs
{
    private const int Longest = 1024;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?%[]");

    /// <param name="server">The server's URL, as configured.</param>
    /// <param name="from">Path of the document the link stands in; what a relative link starts from.</param>
    /// <param name="href">As sent.</param>
    /// <param name="path">Path and query, beginning with one slash.</param>
    /// <param name="why">Why it is refused.</param>
    public static bool TryPin(string server, string from, string href, out string path, out string why)
    {
        (path, why) = (string.Empty, string.Empty);
        if (href.Length is 0 or > Longest || href.AsSpan().ContainsAnyExcept(Allowed))
        {
            why = $"{SafeText.Quote(href)} is no address: empty, too long, or with characters that don't belong there";
            return false;
        }

        if (IsAbsolute(href))
        {
            return TryOwn(server, href, out path, out why);
        }

        path = href[0] == '/' ? href : string.Concat(from.AsSpan(0, from.AsSpan(0, PathEnd(from)).LastIndexOf('/') + 1), href);
        return IsPlainPath(path, href, out why);
    }

    /// <summary>Written to be taken for another address: a user name in front of the host.</summary>
    public static bool IsDisguised(string server, string href) =>
        Uri.TryCreate(new Uri(server, UriKind.Absolute), href, out var url) && url.UserInfo.Length > 0;

    /// <summary>The origin's DeviceCapability path, as configured.</summary>
    public static string GetPath(string server) => new Uri(server, UriKind.Absolute).PathAndQuery;

    /// <summary>With the paging query of a list appended. IEEE 2030.5 list queries are the client's: what a link says of them, as a server that copies requests would, gives way.</summary>
    public static string Page(string href, int from, int count)
    {
        var end = PathEnd(href);
        var own = end == href.Length ? [] : href[(end + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries).Where(p => p.Split('=')[0] is not ("s" or "l" or "a"));
        return $"{href[..end]}?{string.Concat(own.Select(p => $"{p}&"))}s={from}&l={count}";
    }

    private static bool IsAbsolute(string href)
    {
        var colon = href.IndexOf(':', StringComparison.Ordinal);
        return href.StartsWith("//", StringComparison.Ordinal) || (colon >= 0 && !href.AsSpan(0, colon).ContainsAny('/', '?'));
    }

    private static bool TryOwn(string server, string href, out string path, out string why)
    {
        path = string.Empty;
        var own = new Uri(server, UriKind.Absolute);
        if (!Uri.TryCreate(own, href, out var url) || url.Scheme != own.Scheme || url.UserInfo.Length > 0
            || !string.Equals(url.Host, own.Host, StringComparison.OrdinalIgnoreCase) || url.Port != own.Port)
        {
            why = $"{SafeText.Quote(href)} leads away from {own.GetLeftPart(UriPartial.Authority)}; nothing was sent there";
            return false;
        }

        path = url.PathAndQuery;
        return IsPlainPath(href[(href.IndexOf("//", StringComparison.Ordinal) + 2)..], href, out why);
    }

    // What a server or a proxy on the way might take for another path than we do: climbing segments, encoded or not, and encoded controls.
    private static bool IsPlainPath(string path, string href, out string why)
    {
        why = string.Empty;
        if (!path.Contains('%', StringComparison.Ordinal) && !path.Contains("/.", StringComparison.Ordinal) && !path.StartsWith("//", StringComparison.Ordinal))
        {
            return true; // As all are but those of an attacker.
        }

        var plain = !path.StartsWith("//", StringComparison.Ordinal);
        foreach (var range in path.AsSpan(0, PathEnd(path)).Split('/'))
        {
            var segment = Uri.UnescapeDataString(path[range]);
            plain = plain && segment is not ("." or "..") && !segment.AsSpan().ContainsAny('/', '\\') && !segment.Any(char.IsControl);
        }

        plain = plain && !Uri.UnescapeDataString(path[PathEnd(path)..]).Any(char.IsControl);
        if (!plain)
        {
            why = $"{SafeText.Quote(href)} climbs or hides characters; nothing was sent there";
        }

        return plain;
    }

    private static int PathEnd(string path) => path.IndexOf('?', StringComparison.Ordinal) is var at and >= 0 ? at : path.Length;
}
