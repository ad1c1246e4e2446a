using GridServices.Contracts;
using NodaTime;

namespace GridServices.Operations.Service.SignIn;

/// <summary>What came of an attempt to sign in.</summary>
internal abstract record SignInOutcome
{
    internal sealed record Good(UserAccount User, string Method) : SignInOutcome;

    /// <summary>Login, password or code is wrong; which one is not told.</summary>
    internal sealed record Wrong : SignInOutcome;

    /// <summary>The password is right; the account asks for a code as well.</summary>
    internal sealed record CodeNeeded : SignInOutcome;

    /// <summary>Too many wrong attempts: nothing is tried before this.</summary>
    internal sealed record Locked(Instant Until) : SignInOutcome;
}

/// <summary>
/// Signing in by password and, where it is set up, by a code. After five wrong attempts an account waits a minute, then two, then four, at most an hour;
/// an unknown login takes as long and answers the same as a known one.
/// </summary>
internal sealed class PasswordSignIn(UserStore users, RecoveryCodes recovery, IClock clock)
{
    internal const int FreeAttempts = 5;
    private static readonly Backoff Locks = new(Duration.FromMinutes(1), Duration.FromHours(1), Spread: 0);

    internal async Task<SignInOutcome> TryAsync(string login, string password, string? code, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        if (await users.FindByLoginAsync(login, ct) is not var (user, credentials))
        {
            Passwords.Verify(null, password);
            return new SignInOutcome.Wrong();
        }

        if (credentials.LockedUntil is { } until && until > now)
        {
            return new SignInOutcome.Locked(until);
        }

        if (!Passwords.Verify(credentials.PasswordHash, password) || user.Disabled)
        {
            return await FailedAsync(user, credentials, now, ct);
        }

        if (credentials.TotpSecret is not { } secret)
        {
            await users.NoteSuccessAsync(user, null, ct);
            return new SignInOutcome.Good(user, "password");
        }

        return string.IsNullOrWhiteSpace(code) ? new SignInOutcome.CodeNeeded()
            : OneTimeCodes.Step(secret, code, credentials.TotpStep, now) is { } step && await users.NoteSuccessAsync(user, step, ct) ? new SignInOutcome.Good(user, "password+code")
            : await recovery.UseAsync(user, code, ct) && await users.NoteSuccessAsync(user, null, ct) ? new SignInOutcome.Good(user, "password+recovery")
            : await FailedAsync(user, credentials, now, ct);
    }

    private async Task<SignInOutcome> FailedAsync(UserAccount user, Credentials credentials, Instant now, CancellationToken ct)
    {
        var until = LockAfter(credentials.Failures + 1) is { } length ? now + length : (Instant?)null;
        await users.NoteFailureAsync(user, until, ct);
        return until is { } end ? new SignInOutcome.Locked(end) : new SignInOutcome.Wrong();
    }

    /// <summary>How long an account waits after so many wrong attempts in a row; null: not at all.</summary>
    internal static Duration? LockAfter(int failures) => failures < FreeAttempts ? null : Locks.After(failures - FreeAttempts + 1);
}
