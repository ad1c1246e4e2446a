using System.Data.Common;
using System.Security.Cryptography;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Audit;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Audit;
using NodaTime;

namespace GridServices.Operations.Service.Storage;

/// <summary>One write transaction of one tenant: what is written in it and its audit entries are committed together, or not at all.</summary>
internal sealed class AuditedTransaction(DbTransaction tx, Actor actor, Instant now, AuditHead head)
{
    private AuditHead _head = head;
    private int _marks;

    internal DbTransaction Tx => tx;

    internal Actor Actor => actor;

    internal Instant Now => now;

    /// <summary>Entries of this transaction, in order.</summary>
    internal List<AuditEntry> Entries { get; } = [];

    /// <summary>What to tell after the commit.</summary>
    internal List<EntityChange> Changes { get; } = [];

    internal AuditHead Head => _head;

    /// <summary>What is done once this is committed, such as waking who waits for it.</summary>
    internal List<Action> After { get; } = [];

    /// <summary>What is undone where the work fails before it is committed: what no transaction takes back, such as files.</summary>
    internal List<Action> Failed { get; } = [];

    internal void AfterCommit(Action action) => After.Add(action);

    /// <summary>Done once what is written here is certainly not kept; never where the commit itself fails, of which the outcome is not known.</summary>
    internal void OnFailure(Action action) => Failed.Add(action);

    /// <summary>A new id, in the order of time.</summary>
    internal string NewId() => EntityId.Create(now, RandomNumberGenerator.GetBytes(EntityId.RandomBytes));

    /// <summary>The stamps and version of something new.</summary>
    internal T WithStamp<T>(T entity)
        where T : Entity => (T)((Entity)entity with { Tenant = actor.Tenant, Created = new Stamp(now, actor.Name), Updated = new Stamp(now, actor.Name), Version = 1 });

    /// <summary>A place to go back to, for rows that are on their own.</summary>
    internal async Task<Savepoint> CreateSavepointAsync()
    {
        var mark = new Savepoint($"row{++_marks}", _head, Entries.Count, Changes.Count, After.Count);
        await tx.SaveAsync(mark.Name);
        return mark;
    }

    /// <summary>Takes back everything since the mark, the audit included.</summary>
    internal async Task RollbackToAsync(Savepoint mark)
    {
        await tx.RollbackAsync(mark.Name);
        _head = mark.Head;
        Entries.RemoveRange(mark.Entries, Entries.Count - mark.Entries);
        Changes.RemoveRange(mark.Changes, Changes.Count - mark.Changes);
        After.RemoveRange(mark.After, After.Count - mark.After);
    }

    internal async Task<T> InsertAsync<T>(EntityStore<T> store, T entity, string? reason = null)
        where T : Entity
    {
        var fresh = WithStamp(entity);
        await store.InsertAsync(tx, fresh);
        await RecordAsync(store, "created", null, fresh, reason);
        return fresh;
    }

    /// <summary>Writes <paramref name="after"/> in the place of <paramref name="before"/>; the same content again writes nothing.</summary>
    /// <exception cref="ProblemException">412: somebody else changed it in between.</exception>
    internal async Task<T> UpdateAsync<T>(EntityStore<T> store, T before, T after, string action = "changed", string? reason = null)
        where T : Entity
    {
        var unchanged = (T)((Entity)after with { Tenant = before.Tenant, Created = before.Created, Updated = before.Updated, Version = before.Version });
        if (unchanged.Equals(before))
        {
            return before;
        }

        var next = (T)((Entity)unchanged with { Updated = new Stamp(now, actor.Name), Version = before.Version + 1 });
        if (!await store.UpdateAsync(tx, next))
        {
            throw EntityTags.Mismatch("It was changed since. Read it again, then send the change again.");
        }

        await RecordAsync(store, action, before, next, reason);
        return next;
    }

    internal async Task DeleteAsync<T>(EntityStore<T> store, T entity, string? reason = null)
        where T : Entity
    {
        if (!await store.DeleteAsync(tx, entity))
        {
            throw EntityTags.Mismatch("It was changed since. Read it again, then delete it again.");
        }

        await RecordAsync(store, "deleted", entity, null, reason);
    }

    /// <summary>Records something that is no change of an entity: what was seen at a service, an approval, an export.</summary>
    internal async Task AuditAsync(string kind, string id, string action, string? before, string? after, string? reason = null, string? siteId = null)
    {
        var entry = AuditChain.Append(_head, new AuditDraft
        {
            Tenant = actor.Tenant,
            At = now,
            Actor = actor.Name,
            ActorKind = actor.Kind,
            Action = $"{kind}.{action}",
            EntityKind = kind,
            EntityId = id,
            Changes = AuditDiff.Between(kind, before, after),
            Reason = reason is null ? null : AuditMask.FreeText(reason),
            RequestId = actor.RequestId,
            SourceIp = actor.SourceIp,
            ApprovedBy = actor.ApprovedBy,
        });
        await AuditLog.AppendAsync(tx, entry, siteId);
        _head = AuditChain.GetHead(entry);
        Entries.Add(entry);
        Changes.Add(new EntityChange(actor.Tenant, kind, id, action, siteId));
    }

    private Task RecordAsync<T>(EntityStore<T> store, string action, T? before, T? after, string? reason)
        where T : Entity => AuditAsync(store.Kind, (after ?? before)!.Id, action, Json(before), Json(after), reason, store.FindSiteId((after ?? before)!));

    private static string? Json<T>(T? entity) => entity is null ? null : StoredJson.Write(entity);
}

/// <summary>Something became different; told to whoever watches, after the commit.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Kind">Such as <c>enrollment</c>.</param>
/// <param name="Id">Of the entity.</param>
/// <param name="Action">Such as <c>changed</c>.</param>
/// <param name="SiteId">The hub's id of the site it is about.</param>
internal sealed record EntityChange(string Tenant, string Kind, string Id, string Action, string? SiteId);

/// <summary>Where a transaction was.</summary>
internal sealed record Savepoint(string Name, AuditHead Head, int Entries, int Changes, int After);
