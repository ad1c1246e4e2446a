using System.Data.Common;
using System.Text.Json;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Json;
using GridServices.Operations.Service.Protection;
using NodaTime;

namespace GridServices.Operations.Service.SignIn;

/// <summary>Users and how they prove to be who they are. The second factor's secret is encrypted.</summary>
internal sealed class UserStore(Store store, ColumnProtector protector)
{
    private const string Columns =
        "tenant AS Tenant, id AS Id, body AS Body, password_hash AS PasswordHash, totp_sealed AS TotpSealed, totp_step AS TotpStep, failures AS Failures, locked_until AS LockedUntil";

    /// <summary>Whether anybody can sign in at all: while nobody can, the first administrator is asked for.</summary>
    internal Task<bool> AnyAsync(CancellationToken ct = default) =>
        store.ReadAsync(async db => await db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM users") > 0, ct);

    internal Task<UserAccount?> FindAsync(string tenant, string id, CancellationToken ct) =>
        OneAsync("tenant = @tenant AND id = @id", new { tenant, id }, ct).AccountAsync();

    /// <summary>By what is typed at the sign-in form, over all tenants.</summary>
    internal Task<(UserAccount User, Credentials Credentials)?> FindByLoginAsync(string login, CancellationToken ct) =>
        OneAsync("login = @login", new { login = UserAccount.NormalLogin(login) }, ct);

    internal Task<(UserAccount User, Credentials Credentials)?> FindWithCredentialsAsync(string tenant, string id, CancellationToken ct) =>
        OneAsync("tenant = @tenant AND id = @id", new { tenant, id }, ct);

    internal Task<UserAccount?> FindBySubjectAsync(ExternalSubject subject, CancellationToken ct) =>
        OneAsync("external_issuer = @Issuer AND external_subject = @Subject", subject, ct).AccountAsync();

    internal Task<IReadOnlyList<UserAccount>> ListAsync(string tenant, CancellationToken ct) => store.ReadAsync<IReadOnlyList<UserAccount>>(
        async db => [.. (await db.QueryAsync<string>("SELECT body FROM users WHERE tenant = @tenant ORDER BY login", new { tenant })).Select(Read)],
        ct);

    /// <summary>The same without those whose row can't be read, whose ids are told.</summary>
    internal Task<IReadOnlyList<UserAccount>> ListReadableAsync(string tenant, Action<string, Exception> unread, CancellationToken ct) => store.ReadAsync<IReadOnlyList<UserAccount>>(
        async db =>
        {
            var users = new List<UserAccount>();
            foreach (var (id, body) in await db.QueryAsync<(string Id, string Body)>("SELECT id, body FROM users WHERE tenant = @tenant ORDER BY login", new { tenant }))
            {
                try
                {
                    users.Add(Read(body));
                }
                catch (JsonException fault)
                {
                    unread(id, fault);
                }
            }

            return users;
        },
        ct);

    /// <summary>Adds a user. False: the login is taken, or <paramref name="onlyAsFirst"/> and there is one already.</summary>
    internal static Task<bool> AddAsync(DbTransaction tx, UserAccount user, string? passwordHash, ExternalSubject? subject, bool onlyAsFirst = false) => WriteAsync(
        tx,
        "INSERT INTO users (tenant, id, version, login, body, password_hash, totp_step, external_issuer, external_subject, failures) "
        + "SELECT @tenant, @id, @version, @login, @body, @passwordHash, 0, @issuer, @subject, 0 "
        + $"WHERE NOT EXISTS (SELECT 1 FROM users WHERE {(onlyAsFirst ? "1 = 1" : "login = @login")})",
        user,
        new { passwordHash, issuer = subject?.Issuer, subject = subject?.Subject });

    /// <summary>Replaces a user's account where nobody has changed it meanwhile.</summary>
    /// <param name="tx">The transaction, which also writes the audit entry.</param>
    /// <param name="user">With the version after the change.</param>
    /// <returns>False: it was changed by somebody else, and nothing is written.</returns>
    internal static Task<bool> UpdateAsync(DbTransaction tx, UserAccount user) => WriteAsync(
        tx, "UPDATE users SET version = @version, login = @login, body = @body WHERE tenant = @tenant AND id = @id AND version = @version - 1", user, null);

    internal static Task SetPasswordAsync(DbTransaction tx, UserAccount user, string hash) => tx.Connection!.ExecuteAsync(
        "UPDATE users SET password_hash = @hash, failures = 0, locked_until = NULL WHERE tenant = @Tenant AND id = @Id", new { hash, user.Tenant, user.Id }, tx);

    /// <param name="tx">The transaction.</param>
    /// <param name="user">Whose.</param>
    /// <param name="secret">Base 32; null takes the second factor away.</param>
    /// <param name="step">The step of the code that confirmed it: it does not count again.</param>
    internal Task SetSecondFactorAsync(DbTransaction tx, UserAccount user, string? secret, long step) => tx.Connection!.ExecuteAsync(
        "UPDATE users SET totp_sealed = @value, totp_step = @step WHERE tenant = @Tenant AND id = @Id",
        new { value = protector.Seal(secret, GetPlace(user.Tenant, user.Id)), step, user.Tenant, user.Id },
        tx);

    internal static Task BindAsync(DbTransaction tx, UserAccount user, ExternalSubject subject) => tx.Connection!.ExecuteAsync(
        "UPDATE users SET external_issuer = @Issuer, external_subject = @Subject WHERE tenant = @Tenant AND id = @Id",
        new { subject.Issuer, subject.Subject, user.Tenant, user.Id },
        tx);

    internal Task NoteFailureAsync(UserAccount user, Instant? lockedUntil, CancellationToken ct) => store.WriteAsync(
        tx => tx.Connection!.ExecuteAsync(
            "UPDATE users SET failures = failures + 1, locked_until = @lockedUntil WHERE tenant = @Tenant AND id = @Id", new { lockedUntil, user.Tenant, user.Id }, tx),
        ct);

    /// <summary>Forgets the failures, and takes the code's step as used. False: it was used by another request meanwhile.</summary>
    internal Task<bool> NoteSuccessAsync(UserAccount user, long? step, CancellationToken ct) => store.WriteAsync(
        async tx => await tx.Connection!.ExecuteAsync(
            "UPDATE users SET failures = 0, locked_until = NULL, totp_step = COALESCE(@step, totp_step) WHERE tenant = @Tenant AND id = @Id AND (@step IS NULL OR totp_step < @step)",
            new { step, user.Tenant, user.Id },
            tx) > 0,
        ct);

    private static async Task<bool> WriteAsync(DbTransaction tx, string sql, UserAccount user, object? more)
    {
        var parameters = new DynamicParameters(more);
        parameters.AddDynamicParams(new
        {
            tenant = user.Tenant,
            id = user.Id,
            version = (long)user.Version,
            login = user.Login,
            body = JsonSerializer.Serialize(user, OperationsJson.Options),
        });
        return await tx.Connection!.ExecuteAsync(sql, parameters, tx) > 0;
    }

    private Task<(UserAccount User, Credentials Credentials)?> OneAsync(string where, object parameters, CancellationToken ct) => store.ReadAsync(
        async db => await db.QuerySingleOrDefaultAsync<Row>($"SELECT {Columns} FROM users WHERE {where}", parameters) is { } row
            ? ((UserAccount, Credentials)?)(Read(row.Body), new Credentials(
                row.PasswordHash, protector.Open(row.TotpSealed, GetPlace(row.Tenant, row.Id)), row.TotpStep, (int)row.Failures, row.LockedUntil))
            : null,
        ct);

    private static ColumnPlace GetPlace(string tenant, string id) => new("users", tenant, id, "totp_sealed");

    private static UserAccount Read(string body) => JsonSerializer.Deserialize<UserAccount>(body, OperationsJson.Options)!;

    private sealed record Row
    {
        public string Tenant { get; init; } = string.Empty;
        public string Id { get; init; } = string.Empty;
        public string Body { get; init; } = string.Empty;
        public string? PasswordHash { get; init; }
        public string? TotpSealed { get; init; }
        public long TotpStep { get; init; }
        public long Failures { get; init; }
        public Instant? LockedUntil { get; init; }
    }
}

internal static class FoundUsers
{
    internal static async Task<UserAccount?> AccountAsync(this Task<(UserAccount User, Credentials Credentials)?> found) => (await found)?.User;
}
