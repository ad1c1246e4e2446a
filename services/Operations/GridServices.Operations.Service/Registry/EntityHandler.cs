using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Registry;

/// <summary>
/// One handler of entities as people and programs write it: how a body becomes an entity, what is wrong with it, and what else is written with it. The API,
/// the console and imports all go through here, inside a <see cref="AuditedTransaction"/>.
/// </summary>
/// <typeparam name="TEntity">What is stored.</typeparam>
/// <typeparam name="TBody">What is sent.</typeparam>
internal abstract class EntityHandler<TEntity, TBody>(EntityStore<TEntity> store, SiteStore sites)
    where TEntity : Entity
    where TBody : class
{
    internal EntityStore<TEntity> Store => store;

    internal virtual UserPermission ToSee => UserPermission.SeeSites;

    internal virtual UserPermission ToEdit => UserPermission.EditSites;

    protected SiteStore Sites => sites;

    /// <summary>What of the entity a person may write.</summary>
    internal abstract TBody ToBody(TEntity entity);

    /// <summary>The entity for who may not see personal data.</summary>
    internal virtual TEntity Mask(TEntity entity) => entity;

    /// <summary>Where the entity is, for access.</summary>
    internal virtual async Task<AccessTarget> TargetAsync(TEntity entity, CancellationToken ct = default) =>
        store.FindSiteId(entity) is { } siteId && await sites.FindBySiteIdAsync(entity.Tenant, siteId, ct) is { } site ? AccessTarget.From(site) : AccessTarget.Tenant;

    /// <summary>Checks and stores a new one.</summary>
    /// <exception cref="FormException">With every fault.</exception>
    internal async Task<TEntity> CreateAsync(AuditedTransaction transaction, TBody body, string? reason = null)
    {
        var entity = await transaction.InsertAsync(store, await BuildAsync(transaction, body, null), reason);
        await AfterWriteAsync(transaction, null, entity);
        return entity;
    }

    /// <summary>Checks and stores a change; the same content again changes nothing.</summary>
    /// <exception cref="FormException">With every fault.</exception>
    internal async Task<TEntity> ChangeAsync(AuditedTransaction transaction, TEntity held, TBody body, string? reason = null)
    {
        var entity = await transaction.UpdateAsync(store, held, await BuildAsync(transaction, body, held), reason: reason);
        if (entity.Version != held.Version)
        {
            await AfterWriteAsync(transaction, held, entity);
        }

        return entity;
    }

    /// <exception cref="ProblemException">409: something uses it.</exception>
    internal async Task DeleteAsync(AuditedTransaction transaction, TEntity held, string? reason = null)
    {
        if (await UsedByAsync(transaction, held) is { } used)
        {
            throw new ProblemException(ErrorClass.Conflict, used);
        }

        await transaction.DeleteAsync(store, held, reason);
        await AfterWriteAsync(transaction, held, null);
    }

    /// <summary>The entity that a body asks for, checked against what is stored; <paramref name="held"/> is null for a new one.</summary>
    protected abstract Task<TEntity> BuildAsync(AuditedTransaction transaction, TBody body, TEntity? held);

    /// <summary>Why it must not be deleted; null: it may be.</summary>
    protected virtual Task<string?> UsedByAsync(AuditedTransaction transaction, TEntity entity) => Task.FromResult<string?>(null);

    /// <summary>What else is written with a change, in the same transaction.</summary>
    protected virtual Task AfterWriteAsync(AuditedTransaction transaction, TEntity? before, TEntity? after) => Task.CompletedTask;

    /// <summary>Members that the service itself sets, for a new entity: placeholders that <see cref="AuditedTransaction"/> replaces.</summary>
    protected static (string Id, string Tenant, Stamp Stamp) Own(AuditedTransaction transaction, TEntity? held) =>
        (held?.Id ?? transaction.NewId(), transaction.Actor.Tenant, held?.Created ?? new Stamp(transaction.Now, transaction.Actor.Name));
}
