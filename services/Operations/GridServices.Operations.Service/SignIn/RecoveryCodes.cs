using System.Security.Cryptography;
using System.Text;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.SignIn;

/// <summary>Codes to sign in by where the authenticator is lost: each works once, beside the password; kept as hashes (49 random bits each, tried as slowly as passwords).</summary>
internal sealed class RecoveryCodes(Store store)
{
    internal const int Count = 10;
    private const int Length = 10;

    // Without letters and digits that are mistaken for each other.
    private const string Alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <summary>New codes in place of all before; shown once.</summary>
    internal static async Task<IReadOnlyList<string>> IssueAsync(AuditedTransaction transaction, UserAccount user)
    {
        await RemoveAsync(transaction, user);
        string[] codes = [.. Enumerable.Range(0, Count).Select(_ => RandomNumberGenerator.GetString(Alphabet, Length)).Select(c => $"{c[..5]}-{c[5..]}")];
        foreach (var code in codes)
        {
            await transaction.Tx.Connection!.ExecuteAsync("INSERT INTO recovery_codes (tenant, user_id, code_hash) VALUES (@Tenant, @Id, @hash)", new { user.Tenant, user.Id, hash = ComputeHash(user, code) }, transaction.Tx);
        }

        await transaction.AuditAsync("user", user.Id, "recoveryCodesMade", null, null);
        return codes;
    }

    internal static Task RemoveAsync(AuditedTransaction transaction, UserAccount user) =>
        transaction.Tx.Connection!.ExecuteAsync("DELETE FROM recovery_codes WHERE tenant = @Tenant AND user_id = @Id", new { user.Tenant, user.Id }, transaction.Tx);

    internal Task<long> LeftAsync(UserAccount user, CancellationToken ct) =>
        store.ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM recovery_codes WHERE tenant = @Tenant AND user_id = @Id", new { user.Tenant, user.Id }), ct);

    /// <summary>Uses a code up. False: it is none of the person's, or was used.</summary>
    internal Task<bool> UseAsync(UserAccount user, string code, CancellationToken ct) => store.WriteAsync(
        async tx => await tx.Connection!.ExecuteAsync("DELETE FROM recovery_codes WHERE tenant = @Tenant AND user_id = @Id AND code_hash = @hash", new { user.Tenant, user.Id, hash = ComputeHash(user, code) }, tx) == 1,
        ct);

    private static string ComputeHash(UserAccount user, string code)
    {
        var plain = string.Concat(code.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{user.Tenant}/{user.Id}/{plain}")));
    }
}
