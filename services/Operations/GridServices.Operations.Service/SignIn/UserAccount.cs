using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Wire;

namespace GridServices.Operations.Service.SignIn;

/// <summary>A person who may sign in, and what the person may do. How the person proves to be who it is, is kept beside it (<see cref="Credentials"/>).</summary>
internal sealed record UserAccount : Entity
{
    /// <summary>Lower case; an e-mail address or a name, unique in the installation.</summary>
    public required string Login { get; init; }

    public required string Name { get; init; }

    public ValueList<AccessGrant> Grants { get; init; } = [];

    /// <summary>BCP 47; null = what the browser asks for.</summary>
    public string? Language { get; init; }

    /// <summary>IANA; null = UTC.</summary>
    public string? TimeZone { get; init; }

    public bool Disabled { get; init; }

    internal static string NormalLogin(string login) => login.Trim().ToLowerInvariant();
}

/// <summary>How a user proves to be who it is.</summary>
/// <param name="PasswordHash">Null: no password, the person comes by the identity provider.</param>
/// <param name="TotpSecret">Base 32; null: no second factor is set up.</param>
/// <param name="TotpStep">The last time step that was used: a code counts once.</param>
/// <param name="Failures">Wrong attempts since the last good one.</param>
/// <param name="LockedUntil">Nothing is tried before this; null: not locked.</param>
internal sealed record Credentials(string? PasswordHash, string? TotpSecret, long TotpStep, int Failures, NodaTime.Instant? LockedUntil);

/// <summary>Who a person is at the identity provider.</summary>
internal sealed record ExternalSubject(string Issuer, string Subject);

/// <summary>The person of a request, read anew from the store each time, so that what was taken away is gone at once.</summary>
/// <param name="User">The account.</param>
/// <param name="SessionSha256">Which session.</param>
internal sealed record SignedIn(UserAccount User, string SessionSha256);

internal static class SignedInExtensions
{
    private static readonly object Key = new();

    /// <summary>Who sent this request; null: nobody is signed in.</summary>
    internal static SignedIn? SignedIn(this HttpContext http) => http.Items[Key] as SignedIn;

    internal static void Set(HttpContext http, SignedIn who) => http.Items[Key] = who;
}
