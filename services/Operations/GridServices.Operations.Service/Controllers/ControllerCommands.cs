using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Controllers;

/// <summary>A token that was just issued.</summary>
/// <param name="Token">What is kept of it.</param>
/// <param name="Secret">The token itself; it is in this answer and nowhere else.</param>
/// <param name="Problem">Why the hub does not know it yet; absent: it does within two seconds.</param>
public sealed record IssuedControllerToken(ControllerToken Token, string Secret, string? Problem);

/// <summary>Issues and revokes tokens of controllers.</summary>
internal sealed class ControllerCommands(ControllerTokenStore store, ControllerTokensFile file, OperationsStore operations)
{
    private const int MostInForce = 20;

    /// <exception cref="FormException">No name.</exception>
    /// <exception cref="ProblemException">409: there is no file that the hub watches, or the site has too many.</exception>
    internal async Task<IssuedControllerToken> IssueAsync(Actor actor, string siteId, string name, CancellationToken ct)
    {
        new FormCheck().Text("/name", name, 100).ThrowIfAny();
        if (!file.IsSetUp)
        {
            throw new ProblemException(ErrorClass.Conflict, "No file is named that the hub takes tokens from. Set Controllers:TokensFile here and Auth:ControllerTokensFile at the hub to the same file.");
        }

        var secret = TokenFile.NewToken();
        var made = await operations.WriteAsync(
            actor,
            async transaction => (await store.ListBySiteAsync(actor.Tenant, siteId, ct)).Count(t => t.RevokedAt is null) >= MostInForce
                ? throw new ProblemException(ErrorClass.Conflict, $"The site has {MostInForce} tokens in force. Revoke one first.")
                : await transaction.InsertAsync(store, New(transaction, siteId, name.Trim(), secret)),
            ct);
        return new IssuedControllerToken(made, secret, await file.WriteAsync(ct));
    }

    /// <returns>Null: the hub refuses it within two seconds; else why not yet.</returns>
    internal async Task<string?> RevokeAsync(Actor actor, ControllerToken held, CancellationToken ct)
    {
        if (held.RevokedAt is null)
        {
            await operations.WriteAsync(actor, transaction => transaction.UpdateAsync(store, held, held with { RevokedAt = transaction.Now }, "revoked"), ct);
        }

        return file.IsSetUp
            ? await file.WriteAsync(ct)
            : "Controllers:TokensFile is not set here any more: where the hub still has its file, the token works on. Set it to that file, or take the token out of it.";
    }

    private static ControllerToken New(AuditedTransaction transaction, string siteId, string name, string secret)
    {
        var stamp = new Stamp(transaction.Now, transaction.Actor.Name);
        return new ControllerToken
        {
            Id = transaction.NewId(),
            Tenant = transaction.Actor.Tenant,
            Created = stamp,
            Updated = stamp,
            Version = 1,
            SiteId = siteId,
            Name = name,
            Sha256 = TokenEntry.For(secret, name, Role.Controller).Sha256,
        };
    }
}
