using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Api;

/// <summary>
/// The endpoints that every family has: list, POST, GET, PUT, PATCH (RFC 7396), DELETE. A family says how its body becomes an entity and what is wrong with it.
/// </summary>
/// <typeparam name="TEntity">What is stored and answered.</typeparam>
/// <typeparam name="TBody">What is sent.</typeparam>
internal abstract class EntityEndpoints<TEntity, TBody>(EntityStore<TEntity> store, SiteStore sites, SettingsStore settings, OperationsStore operations)
    where TEntity : Entity
    where TBody : class
{
    protected EntityStore<TEntity> Store => store;

    protected SiteStore Sites => sites;

    /// <summary>Below <c>/v1/</c>, such as <c>meter-points</c>.</summary>
    protected abstract string Path { get; }

    /// <summary>Names of operations and tag: <c>MeterPoint</c>, <c>MeterPoints</c>.</summary>
    protected abstract (string One, string Many, string Tag) Names { get; }

    protected virtual Permission ToSee => Permission.SeeSites;

    protected virtual Permission ToEdit => Permission.EditSites;

    /// <summary>What of the entity a person may write.</summary>
    protected abstract TBody BodyOf(TEntity entity);

    /// <summary>The entity that a body asks for, checked against what is stored; <paramref name="held"/> is null for a new one.</summary>
    /// <exception cref="FormException">With every fault.</exception>
    protected abstract Task<TEntity> MakeAsync(WriteTurn turn, TBody body, TEntity? held);

    /// <summary>Where the entity is, for access.</summary>
    protected abstract Task<AccessTarget> TargetAsync(TEntity entity, CancellationToken ct);

    /// <summary>What must not be deleted, and why; null: it may be.</summary>
    protected virtual Task<string?> UsedByAsync(WriteTurn turn, TEntity entity) => Task.FromResult<string?>(null);

    /// <summary>The entity for who may not see personal data.</summary>
    protected virtual TEntity Masked(TEntity entity) => entity;

    internal void Map(IEndpointRouteBuilder routes)
    {
        var (one, many, tag) = Names;
        var group = routes.MapGroup($"/v1/{Path}").WithTags(tag).AddEndpointFilter<RouteGroupBuilder, FormRefusals>();
        group.MapGet("/", ListAsync).Needs(ToSee).WithName($"list{many}").WithSummary($"{tag} of the tenant, a page at a time")
            .WithDescription($"filter is field:value, several separated by commas; sort is a field, with - before it descending. Fields: {string.Join(", ", store.Fields)}.")
            .Produces<Page<TEntity>>();
        group.MapPost("/", PostAsync).Needs(ToEdit).WithName($"create{one}").WithSummary("Make a new one")
            .WithDescription("Every fault is named in `errors`, each with its JSON pointer, and in `fields` for forms.")
            .Accepts<TBody>(OperationsWire.Json).Produces<TEntity>(StatusCodes.Status201Created).TakesIdempotencyKey().Refuses(ErrorClass.Conflict);
        group.MapGet("/{id}", GetAsync).Needs(ToSee).WithName($"get{one}").WithSummary("One").WithDescription("With its version as ETag.").Produces<TEntity>().GivesETag();
        group.MapPut("/{id}", PutAsync).Needs(ToEdit).WithName($"put{one}").WithSummary("Change it: the whole body")
            .WithDescription("What is left out goes back to its default. 412 where somebody else changed it in between.")
            .Accepts<TBody>(OperationsWire.Json).Produces<TEntity>().TakesIfMatch().GivesETag().Refuses(ErrorClass.Conflict);
        group.MapPatch("/{id}", PatchAsync).Needs(ToEdit).WithName($"patch{one}").WithSummary("Change some members: JSON merge patch (RFC 7396)")
            .WithDescription("null takes a member away.").Accepts<JsonElement>(OperationsWire.MergePatch, OperationsWire.Json).Produces<TEntity>().TakesIfMatch().GivesETag().Refuses(ErrorClass.Conflict);
        group.MapDelete("/{id}", DeleteAsync).Needs(ToEdit).WithName($"delete{one}").WithSummary("Delete it").WithDescription("409 where something still uses it.")
            .Produces(StatusCodes.Status204NoContent).TakesIfMatch().Refuses(ErrorClass.Conflict);
        MapMore(group);
    }

    protected virtual void MapMore(RouteGroupBuilder group)
    {
    }

    /// <summary>The entity, if the caller may do this to it.</summary>
    /// <exception cref="RefusedException">404 where there is none, 403 where it is not for the caller.</exception>
    protected async Task<TEntity> FindAsync(HttpContext http, string id, Permission permission)
    {
        var actor = http.Actor();
        var found = await store.OneAsync(actor.Tenant, id, http.RequestAborted) ?? throw NotThere(id);
        actor.Demand(permission, await TargetAsync(found, http.RequestAborted), (await settings.OfAsync(actor.Tenant, http.RequestAborted)).Access);
        return found;
    }

    protected static RefusedException NotThere(string id) => new(ErrorClass.NotFound, $"There is no '{OneLine.Of(id)}' here.");

    /// <summary>The answer with its ETag, masked for who may not see personal data.</summary>
    protected async Task<IResult> AnswerAsync(HttpContext http, TEntity entity)
    {
        http.Tag(TagOf(entity));
        return OperationsWire.Answer(await MayReadAsync(http, entity) ? entity : Masked(entity));
    }

    protected static string TagOf(TEntity entity) => $"\"{entity.Id}-{entity.Version}\"";

    private async Task<IResult> ListAsync(HttpContext http, string? filter = null, string? sort = null, string? after = null, string? limit = null)
    {
        var actor = http.Actor();
        var access = (await settings.OfAsync(actor.Tenant, http.RequestAborted)).Access;
        var shown = await sites.ShownAsync(actor.Tenant, Access.Filter(actor.Grants, ToSee, access), http.RequestAborted);
        var page = await store.PageAsync(actor.Tenant, ListQuery.Of(filter, sort, after, limit) with { Sites = shown }, http.RequestAborted);
        var mayRead = actor.May(Permission.SeePersonalData, access);
        return OperationsWire.Answer(mayRead ? page : page with { Items = [.. page.Items.Select(Masked)] });
    }

    private async Task<IResult> PostAsync(HttpContext http)
    {
        var body = await http.Request.ReadBodyAsync(OperationsWire.MaxBody, OperationsWire.Json);
        var read = OperationsWire.Read<TBody>(body);
        return await http.OnceAsync(body, async turn =>
        {
            var entity = turn.Fresh(await MakeAsync(turn, read, null));
            turn.Actor.Demand(ToEdit, await TargetAsync(entity, http.RequestAborted), (await SettingsStore.OfAsync(turn.Tx, turn.Actor.Tenant)).Access);
            entity = await turn.InsertAsync(store, entity);
            await AfterWriteAsync(turn, null, entity);
            http.Tag(TagOf(entity));
            return PostAnswer.Created($"/v1/{Path}/{entity.Id}", entity);
        });
    }

    private async Task<IResult> GetAsync(string id, HttpContext http) => await AnswerAsync(http, await FindAsync(http, id, ToSee));

    private async Task<IResult> PutAsync(string id, HttpContext http)
    {
        var read = OperationsWire.Read<TBody>(await http.Request.ReadBodyAsync(OperationsWire.MaxBody, OperationsWire.Json));
        return await ChangeAsync(http, await FindAsync(http, id, ToEdit), read);
    }

    private async Task<IResult> PatchAsync(string id, HttpContext http)
    {
        var patch = OperationsWire.Read<JsonObject>(await http.Request.ReadBodyAsync(OperationsWire.MaxBody, OperationsWire.MergePatch, OperationsWire.Json));
        var held = await FindAsync(http, id, ToEdit);
        var merged = MergePatch.Apply(JsonSerializer.SerializeToNode(BodyOf(held), OperationsWire.Options), patch)!;
        return await ChangeAsync(http, held, OperationsWire.Read<TBody>(JsonSerializer.SerializeToUtf8Bytes(merged, OperationsWire.Options)));
    }

    private async Task<IResult> ChangeAsync(HttpContext http, TEntity held, TBody body)
    {
        http.RequireMatch(TagOf(held));
        var changed = await operations.WriteAsync(
            http.Actor(),
            async turn =>
            {
                var next = await MakeAsync(turn, body, held);
                turn.Actor.Demand(ToEdit, await TargetAsync(next, http.RequestAborted), (await SettingsStore.OfAsync(turn.Tx, turn.Actor.Tenant)).Access);
                var written = await turn.UpdateAsync(store, held, next);
                await AfterWriteAsync(turn, held, written);
                return written;
            },
            http.RequestAborted);
        return await AnswerAsync(http, changed);
    }

    private async Task<IResult> DeleteAsync(string id, HttpContext http)
    {
        var held = await FindAsync(http, id, ToEdit);
        http.RequireMatch(TagOf(held));
        await operations.WriteAsync(
            http.Actor(),
            async turn =>
            {
                if (await UsedByAsync(turn, held) is { } used)
                {
                    throw new RefusedException(ErrorClass.Conflict, used);
                }

                await turn.DeleteAsync(store, held);
                await AfterWriteAsync(turn, held, null);
            },
            http.RequestAborted);
        return Results.NoContent();
    }

    /// <summary>What else is written with a change, in the same transaction.</summary>
    protected virtual Task AfterWriteAsync(WriteTurn turn, TEntity? before, TEntity? after) => Task.CompletedTask;

    private async Task<bool> MayReadAsync(HttpContext http, TEntity entity)
    {
        var actor = http.Actor();
        return Access.Allows(actor.Grants, Permission.SeePersonalData, await TargetAsync(entity, http.RequestAborted), (await settings.OfAsync(actor.Tenant, http.RequestAborted)).Access);
    }
}
