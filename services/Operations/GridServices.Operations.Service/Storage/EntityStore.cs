using System.Data.Common;
using System.Text.Json;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Protection;
using NodaTime;

namespace GridServices.Operations.Service.Storage;

/// <summary>
/// One handler of entities in its own table: the record as JSON in <c>body</c>, beside it the columns to filter and sort by, and personal data encrypted
/// in columns of its own. Every method takes the tenant first. Writing goes through <see cref="AuditedTransaction"/>, which also writes the audit entry.
/// </summary>
internal abstract partial class EntityStore<T>(string table, Store store, ColumnProtector protector)
    where T : Entity
{
    private string? _insert;
    private string? _update;

    /// <summary>The handler's name in the audit, such as <c>meterPoint</c>.</summary>
    internal abstract string Kind { get; }

    protected abstract IReadOnlyList<Column<T>> Columns { get; }

    protected virtual IReadOnlyList<SealedColumn<T>> Sealed => [];

    protected Store Store => store;

    protected string Table => table;

    protected ColumnProtector Protector => protector;

    /// <summary>The hub's id of the site that an entity is about; null where it is about none.</summary>
    internal virtual string? FindSiteId(T entity) => null;

    /// <summary>The record without what <see cref="Sealed"/> keeps.</summary>
    internal virtual T WithoutSealed(T entity) => entity;

    /// <summary>The record with what was sealed; <paramref name="opened"/> gives a column's text.</summary>
    protected virtual T WithSealed(T entity, Func<string, string?> opened) => entity;

    /// <summary>Null: there is none in this tenant.</summary>
    internal Task<T?> FindAsync(string tenant, string id, CancellationToken ct = default) => store.ReadAsync(db => FindAsync(db, null, tenant, id), ct);

    internal Task<T?> FindAsync(DbTransaction tx, string tenant, string id) => FindAsync(tx.Connection!, tx, tenant, id);

    /// <summary>Everything that <paramref name="where"/> (SQL over this table) holds for, by id.</summary>
    protected Task<IReadOnlyList<T>> WhereAsync(string tenant, string where, object? parameters = null, CancellationToken ct = default) =>
        store.ReadAsync(db => WhereAsync(db, null, tenant, where, parameters), ct);

    protected async Task<IReadOnlyList<T>> WhereAsync(DbConnection db, DbTransaction? tx, string tenant, string where, object? parameters)
    {
        var all = new DynamicParameters(parameters);
        all.Add("tenant", tenant);
        var rows = await db.QueryAsync($"SELECT {Selected} FROM {table} WHERE tenant = @tenant AND {where}", all, tx);
        return [.. rows.Select(row => Read(tenant, (IDictionary<string, object>)row))];
    }

    /// <summary>The same without those whose row can't be read: each is told by its id, and keeps no other from being read.</summary>
    protected Task<IReadOnlyList<T>> WhereReadableAsync(string tenant, string where, object? parameters, Action<string, Exception> unread, CancellationToken ct) => store.ReadAsync<IReadOnlyList<T>>(
        async db =>
        {
            var all = new DynamicParameters(parameters);
            all.Add("tenant", tenant);
            var rows = await db.QueryAsync($"SELECT {Selected} FROM {table} WHERE tenant = @tenant AND {where}", all);
            return [.. rows.Select(row => TryRead(tenant, (IDictionary<string, object>)row, unread)).OfType<T>()];
        },
        ct);

    internal async Task InsertAsync(DbTransaction tx, T entity)
    {
        var names = AllColumns;
        _insert ??= $"INSERT INTO {table} (tenant, id, version, updated_at, body, {string.Join(", ", names)}) VALUES (@tenant, @id, @version, @updatedAt, @body, {string.Join(", ", names.Select(n => "@" + n))})";
        await tx.Connection!.ExecuteAsync(_insert, Parameters(entity), tx);
    }

    /// <returns>False: another version than the one before this entity's is held.</returns>
    internal async Task<bool> UpdateAsync(DbTransaction tx, T entity)
    {
        _update ??= $"UPDATE {table} SET version = @version, updated_at = @updatedAt, body = @body, {string.Join(", ", AllColumns.Select(n => $"{n} = @{n}"))} "
            + "WHERE tenant = @tenant AND id = @id AND version = @version - 1";
        return await tx.Connection!.ExecuteAsync(_update, Parameters(entity), tx) == 1;
    }

    internal async Task<bool> DeleteAsync(DbTransaction tx, T entity) => await tx.Connection!.ExecuteAsync(
        $"DELETE FROM {table} WHERE tenant = @Tenant AND id = @Id AND version = @Version", new { entity.Tenant, entity.Id, Version = (long)entity.Version }, tx) == 1;

    private string[] AllColumns => [.. Columns.Select(c => c.Name), .. Sealed.Select(c => c.Name)];

    private string Selected => Sealed.Count == 0 ? "id, body" : "id, body, " + string.Join(", ", Sealed.Select(c => c.Name));

    private async Task<T?> FindAsync(DbConnection db, DbTransaction? tx, string tenant, string id) =>
        (await WhereAsync(db, tx, tenant, "id = @id", new { id })).SingleOrDefault();

    private DynamicParameters Parameters(T entity)
    {
        var parameters = new DynamicParameters(new
        {
            tenant = entity.Tenant,
            id = entity.Id,
            version = (long)entity.Version,
            updatedAt = entity.Updated.At,
            body = StoredJson.Write(WithoutSealed(entity)),
        });
        foreach (var column in Columns)
        {
            parameters.Add(column.Name, column.Value(entity) is Instant at ? at.ToUnixTimeTicks() : column.Value(entity));
        }

        foreach (var column in Sealed)
        {
            parameters.Add(column.Name, protector.Seal(column.Value(entity), new ColumnPlace(table, entity.Tenant, entity.Id, column.Name)));
        }

        return parameters;
    }

    private T? TryRead(string tenant, IDictionary<string, object> row, Action<string, Exception> unread)
    {
        try
        {
            return Read(tenant, row);
        }
        catch (Exception fault) when (fault is ProtectionException or JsonException)
        {
            unread((string)row["id"], fault);
            return null;
        }
    }

    private T Read(string tenant, IDictionary<string, object> row)
    {
        var id = (string)row["id"];
        var entity = StoredJson.Read<T>((string)row["body"]);
        return Sealed.Count == 0 ? entity : WithSealed(entity, column => protector.Open(row[column] as string, new ColumnPlace(table, tenant, id, column)));
    }
}
