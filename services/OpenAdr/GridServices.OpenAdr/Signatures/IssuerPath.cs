using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GridServices.OpenAdr.Signatures;

/// <summary>The way from a certificate to a trusted one by names alone: it proves nothing, and where there is none, no chain can be built.</summary>
public static class IssuerPath
{
    private const int Longest = 10;

    /// <summary>The issuer at which the longest way ends before a trusted certificate; null: one leads to it.</summary>
    /// <param name="leaf">Where it begins.</param>
    /// <param name="others">Sent along; several may have one name, as where an authority changes its root.</param>
    /// <param name="trusted">Roots and intermediates.</param>
    public static string? Missing(X509Certificate2 leaf, X509Certificate2Collection others, X509Certificate2Collection trusted)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        ArgumentNullException.ThrowIfNull(others);
        ArgumentNullException.ThrowIfNull(trusted);
        var goals = trusted.Select(c => NormalizeName(c.SubjectName)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var above = others.Select(c => (Subject: NormalizeName(c.SubjectName), Issuer: NormalizeName(c.IssuerName), Text: c.Issuer)).ToLookup(c => c.Subject, StringComparer.OrdinalIgnoreCase);
        var (seen, missing) = (new HashSet<string>(StringComparer.OrdinalIgnoreCase), leaf.Issuer);
        var level = new List<(string Issuer, string Text)> { (NormalizeName(leaf.IssuerName), leaf.Issuer) };
        for (var steps = 0; steps < Longest && level.Count > 0; steps++)
        {
            if (level.Exists(at => goals.Contains(at.Issuer)))
            {
                return null;
            }

            // A name is looked for once, whoever bears it: a circle ends, and no number of namesakes costs more than one.
            missing = level[0].Text;
            level = [.. level.Where(at => seen.Add(at.Issuer)).SelectMany(at => above[at.Issuer]).Select(c => (c.Issuer, c.Text))];
        }

        return missing;
    }

    /// <summary>Those sent along from which names lead to a trusted one: with the others a chain may be tried that ends at a root given up.</summary>
    /// <param name="others">Sent along.</param>
    /// <param name="trusted">Roots and intermediates.</param>
    public static X509Certificate2Collection Useful(X509Certificate2Collection others, X509Certificate2Collection trusted)
    {
        ArgumentNullException.ThrowIfNull(others);
        ArgumentNullException.ThrowIfNull(trusted);
        var reached = trusted.Select(c => NormalizeName(c.SubjectName)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var named = others.Select(c => (Certificate: c, Subject: NormalizeName(c.SubjectName), Issuer: NormalizeName(c.IssuerName))).ToList();
        for (var (steps, before) = (0, 0); steps < Longest && before != reached.Count; steps++)
        {
            before = reached.Count;
            reached.UnionWith(named.Where(c => reached.Contains(c.Issuer)).Select(c => c.Subject).ToList());
        }

        return [.. named.Where(c => reached.Contains(c.Issuer)).Select(c => c.Certificate)];
    }

    /// <summary>True where subject and issuer are the same.</summary>
    public static bool IsRoot(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return certificate.IssuerName.RawData.AsSpan().SequenceEqual(certificate.SubjectName.RawData);
    }

    /// <summary>RFC 5280 section 7.1: names are compared as decoded, without case and repeated blanks, whatever their string types. One that can't be decoded is its bytes.</summary>
    private static string NormalizeName(X500DistinguishedName name)
    {
        try
        {
            return string.Join(' ', name.Name.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
        catch (CryptographicException)
        {
            return Convert.ToHexString(name.RawData);
        }
    }
}
