using System.Text.RegularExpressions;
using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;

namespace GridServices.OpenAdr.Service.Doctor;

/// <summary>A VTN that refuses unsigned messages seldom says so by a code of its own.</summary>
internal static partial class SignatureHint
{
    private static readonly string[] Statuses = ["HTTP 401", "HTTP 403"];

    /// <summary>Null where messages are signed, or nothing speaks for it.</summary>
    /// <param name="config">The VEN.</param>
    /// <param name="state">What the VTN did with its messages.</param>
    /// <param name="problem">Of the line.</param>
    public static string? Find(VenConfig config, VenState state, string? problem) => config.Profile.Signatures != SignatureMode.Off ? null
        : state.Owed.Select(o => o.Problem).Append(problem).Append(state.Link.Problem).OfType<string>().FirstOrDefault(IsAboutSignatures) is { } refusal
            ? $"The VTN may want signed messages ({SafeText.Clause(refusal)}): profile.signatures is off; set it to sign, or to require, with the client certificate that the utility knows."
            : null;

    // "You are not signed in" is a portal's page, "self-signed" a certificate.
    [GeneratedRegex(@"signatures?\b|\bunsigned\b|\b(?:not|be|was|is) signed\b(?! in\b)|\bsigned messages?\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MentionsSigning();

    private static bool IsAboutSignatures(string refusal) =>
        MentionsSigning().IsMatch(refusal) || Statuses.Any(status => refusal.Contains(status, StringComparison.Ordinal));
}
