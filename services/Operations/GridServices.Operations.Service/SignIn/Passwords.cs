using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace GridServices.Operations.Service.SignIn;

/// <summary>Passwords as the framework keeps them: PBKDF2 with HMAC-SHA-512, salted, rounds as OWASP asks for.</summary>
internal static class Passwords
{
    internal const int Shortest = 12;
    internal const int Longest = 200;
    private const int Rounds = 210_000;

    private static readonly object Anyone = new();
    private static readonly PasswordHasher<object> Hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = Rounds }));

    // Checked where a login is unknown, so that the answer takes as long as for one that is known.
    private static readonly Lazy<string> OfNobody = new(() => Hash("nobody has this password"));

    internal static string Hash(string password) => Hasher.HashPassword(Anyone, password);

    /// <param name="hash">Null: there is no such user, or it has no password; takes as long as a check does.</param>
    /// <param name="password">As typed.</param>
    internal static bool Verify(string? hash, string password) =>
        Hasher.VerifyHashedPassword(Anyone, hash ?? OfNobody.Value, password) != PasswordVerificationResult.Failed && hash is not null;

    /// <summary>The key of the text that says what is wrong with a new password; null: nothing is. Length counts, as NIST SP 800-63B asks for.</summary>
    internal static string? Fault(string password, string login) => password.Length switch
    {
        < Shortest => "password.short",
        > Longest => "password.long",
        _ when password.Contains(login, StringComparison.OrdinalIgnoreCase) => "password.login",
        _ when password.Distinct().Count() < 5 => "password.same",
        _ => null,
    };
}
