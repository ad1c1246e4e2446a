using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Api;

/// <summary>The endpoints that every handler has: list, POST, GET, PUT, PATCH (RFC 7396), DELETE.</summary>
/// <typeparam name="TEntity">What is stored and answered.</typeparam>
/// <typeparam name="TBody">What is sent.</typeparam>
internal sealed class EntityEndpoints<TEntity, TBody>(EntityHandler<TEntity, TBody> handler, EntityNames names, SiteStore sites, SettingsStore settings, OperationsStore operations)
    where TEntity : Entity
    where TBody : class
{
    private EntityStore<TEntity> Store => handler.Store;

    internal RouteGroupBuilder Map(IEndpointRouteBuilder routes)
    {
        var (path, one, many, tag) = names;
        var group = routes.MapGroup($"/v1/{path}").WithTags(tag).AddEndpointFilter<RouteGroupBuilder, FormRefusals>();
        group.MapGet("/", ListAsync).Needs(handler.ToSee).WithName($"list{many}").WithSummary($"{tag} of the tenant, a page at a time")
            .WithDescription($"filter is field:value, several separated by commas; sort is a field, with - before it descending. Fields: {string.Join(", ", Store.Fields)}.")
            .Produces<Page<TEntity>>();
        group.MapPost("/", PostAsync).Needs(handler.ToEdit).WithName($"create{one}").WithSummary("Make a new one")
            .WithDescription("Every fault is named in `errors`, each with its JSON pointer, and in `fields` for forms.")
            .Accepts<TBody>(OperationsWire.Json).Produces<TEntity>(StatusCodes.Status201Created).TakesIdempotencyKey().WritesETag().Refuses(ErrorClass.Conflict);
        group.MapGet("/{id}", GetAsync).Needs(handler.ToSee).WithName($"get{one}").WithSummary("One of them").WithDescription("With its version as ETag.").Produces<TEntity>().WritesETag();
        group.MapPut("/{id}", PutAsync).Needs(handler.ToEdit).WithName($"put{one}").WithSummary("Change it: the whole body")
            .WithDescription("What is left out goes back to its default. 412 where somebody else changed it in between.")
            .Accepts<TBody>(OperationsWire.Json).Produces<TEntity>().TakesIfMatch().WritesETag().Refuses(ErrorClass.Conflict);
        group.MapPatch("/{id}", PatchAsync).Needs(handler.ToEdit).WithName($"patch{one}").WithSummary("Change some members: JSON merge patch (RFC 7396)")
            .WithDescription("null takes a member away.").Accepts<JsonElement>(OperationsWire.MergePatch, OperationsWire.Json).Produces<TEntity>().TakesIfMatch().WritesETag().Refuses(ErrorClass.Conflict);
        group.MapDelete("/{id}", DeleteAsync).Needs(handler.ToEdit).WithName($"delete{one}").WithSummary("Delete it").WithDescription("409 where something still uses it.")
            .Produces(StatusCodes.Status204NoContent).TakesIfMatch().Refuses(ErrorClass.Conflict);
        return group;
    }

    /// <summary>The entity, if the caller may do this to it.</summary>
    /// <exception cref="ProblemException">404 where there is none, 403 where it is not for the caller.</exception>
    internal async Task<TEntity> RequireAsync(HttpContext http, string id, UserPermission permission)
    {
        var actor = http.Actor();
        var found = await Store.FindAsync(actor.Tenant, id, http.RequestAborted) ?? throw CreateNotFound(id);
        actor.Require(permission, await handler.TargetAsync(found, http.RequestAborted), (await settings.GetAsync(actor.Tenant, http.RequestAborted)).Access);
        return found;
    }

    /// <summary>The entity as this transaction finds it, which nobody else changes before it ends: without <c>If-Match</c> a change is made to whatever is held.</summary>
    internal async Task<TEntity> HeldAsync(AuditedTransaction transaction, string id) => await Store.FindAsync(transaction.Tx, transaction.Actor.Tenant, id) ?? throw CreateNotFound(id);

    internal static ProblemException CreateNotFound(string id) => new(ErrorClass.NotFound, $"There is no '{SafeText.Line(id)}' here.");

    /// <summary>The answer with its ETag, masked for who may not see personal data.</summary>
    internal async Task<IResult> AnswerAsync(HttpContext http, TEntity entity)
    {
        http.Tag(GetETag(entity));
        return OperationsWire.Answer(await ShownAsync(http, entity));
    }

    /// <summary>As the caller may see it.</summary>
    internal async Task<TEntity> ShownAsync(HttpContext http, TEntity entity) => await MayReadAsync(http, entity) ? entity : handler.Mask(entity);

    internal static string GetETag(TEntity entity) => $"\"{entity.Id}-{entity.Version}\"";

    private async Task<IResult> ListAsync(HttpContext http, string? filter = null, string? sort = null, string? after = null, string? limit = null)
    {
        var actor = http.Actor();
        var access = (await settings.GetAsync(actor.Tenant, http.RequestAborted)).Access;
        var shown = await sites.ShownAsync(actor.Tenant, AccessRules.Filter(actor.Grants, handler.ToSee, access), http.RequestAborted);
        var page = await Store.PageAsync(actor.Tenant, ListQuery.Parse(filter, sort, after, limit) with { Sites = shown }, http.RequestAborted);
        var mayRead = actor.May(UserPermission.SeePersonalData, access);
        return OperationsWire.Answer(mayRead ? page : page with { Items = [.. page.Items.Select(handler.Mask)] });
    }

    private async Task<IResult> PostAsync(HttpContext http, CancellationToken ct)
    {
        var body = await http.Request.ReadBodyAsync(OperationsWire.MaxBody, OperationsWire.Json);
        var read = OperationsWire.Read<TBody>(body);
        return await http.OnceAsync(body, async transaction =>
        {
            var entity = await handler.CreateAsync(transaction, read);
            await RequireAccessAsync(transaction, entity);
            http.Tag(GetETag(entity));
            return PostAnswer.Created($"/v1/{names.Path}/{entity.Id}", entity);
        });
    }

    private async Task<IResult> GetAsync(string id, HttpContext http) => await AnswerAsync(http, await RequireAsync(http, id, handler.ToSee));

    private async Task<IResult> PutAsync(string id, HttpContext http)
    {
        var read = OperationsWire.Read<TBody>(await http.Request.ReadBodyAsync(OperationsWire.MaxBody, OperationsWire.Json));
        return await ChangeAsync(http, id, _ => read);
    }

    private async Task<IResult> PatchAsync(string id, HttpContext http)
    {
        var patch = OperationsWire.Read<JsonObject>(await http.Request.ReadBodyAsync(OperationsWire.MaxBody, OperationsWire.MergePatch, OperationsWire.Json));
        if (MergePatch.Unknown(patch, typeof(TBody), OperationsWire.Options) is { Count: > 0 } faults)
        {
            throw new FormException(faults);
        }

        return await ChangeAsync(http, id, held =>
        {
            var merged = MergePatch.Apply(JsonSerializer.SerializeToNode(handler.ToBody(held), OperationsWire.Options), patch)!;
            return OperationsWire.Read<TBody>(JsonSerializer.SerializeToUtf8Bytes(merged, OperationsWire.Options));
        });
    }

    private async Task<IResult> ChangeAsync(HttpContext http, string id, Func<TEntity, TBody> change)
    {
        await RequireAsync(http, id, handler.ToEdit);
        var changed = await operations.WriteAsync(
            http.Actor(),
            async transaction =>
            {
                var held = await HeldAsync(transaction, id);
                http.RequireMatch(GetETag(held));
                var written = await handler.ChangeAsync(transaction, held, change(held));
                await RequireAccessAsync(transaction, written);
                return written;
            },
            http.RequestAborted);
        return await AnswerAsync(http, changed);
    }

    private async Task<IResult> DeleteAsync(string id, HttpContext http)
    {
        await RequireAsync(http, id, handler.ToEdit);
        await operations.WriteAsync(
            http.Actor(),
            async transaction =>
            {
                var held = await HeldAsync(transaction, id);
                http.RequireMatch(GetETag(held));
                await handler.DeleteAsync(transaction, held);
            },
            http.RequestAborted);
        return Results.NoContent();
    }

    /// <summary>Where it was put must be the actor's too; thrown inside the transaction, so that nothing is written.</summary>
    private async Task RequireAccessAsync(AuditedTransaction transaction, TEntity entity) =>
        transaction.Actor.Require(handler.ToEdit, await handler.TargetAsync(entity), (await SettingsStore.GetAsync(transaction.Tx, transaction.Actor.Tenant)).Access);

    private async Task<bool> MayReadAsync(HttpContext http, TEntity entity)
    {
        var actor = http.Actor();
        return AccessRules.Allows(actor.Grants, UserPermission.SeePersonalData, await handler.TargetAsync(entity, http.RequestAborted), (await settings.GetAsync(actor.Tenant, http.RequestAborted)).Access);
    }
}

/// <summary>How a handler is called: below <c>/v1/</c>, in operation ids, and as a tag.</summary>
internal sealed record EntityNames(string Path, string One, string Many, string Tag);
