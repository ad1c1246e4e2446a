using System.Data.Common;
using System.Diagnostics;
using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;

namespace GridServices.Hosting.Moving;

/// <summary>A table that is in both stores, with its columns in the order in which they are copied.</summary>
internal sealed class MovedTable(string name, IReadOnlyList<MovedColumn> columns)
{
    private static readonly TimeSpan Report = TimeSpan.FromSeconds(5);

    internal string Name => name;

    private string Columns => string.Join(", ", columns.Select(column => $"\"{column.Name}\""));

    /// <summary>The table as PostgreSQL has it, whose columns must be those of <paramref name="from"/>.</summary>
    /// <exception cref="StartException">The two differ.</exception>
    internal static async Task<MovedTable> FindAsync(string name, SqliteConnection from, NpgsqlConnection to)
    {
        var there = (await to.QueryAsync<MovedColumn>(
            "SELECT column_name AS name, data_type AS type, is_identity AS identity FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = @name ORDER BY ordinal_position",
            new { name })).ToList();
        var here = (await from.QueryAsync<string>("SELECT name FROM pragma_table_info(@name)", new { name })).ToHashSet(StringComparer.Ordinal);
        return there.Count > 0 && here.SetEquals(there.Select(column => column.Name))
            ? new MovedTable(name, there)
            : throw new StartException(
                $"The table '{name}' of the old store is not one that this program makes ({(there.Count == 0 ? "there is none of that name" : $"its columns are {string.Join(", ", here)}")}). Move what somebody else put there away, and begin again.");
    }

    /// <summary>Copies all rows.</summary>
    /// <returns>What was read.</returns>
    /// <exception cref="StartException">A value has no place in PostgreSQL.</exception>
    internal async Task<RowDigest> CopyAsync(SqliteTransaction from, NpgsqlConnection to, TextWriter output, CancellationToken ct)
    {
        await to.ExecuteAsync($"DELETE FROM \"{name}\"");
        var digest = new RowDigest();
        var (row, reported) = (new object?[columns.Count], Stopwatch.GetTimestamp());
        await using var import = await to.BeginBinaryImportAsync($"COPY \"{name}\" ({Columns}) FROM STDIN (FORMAT BINARY)", ct);
        await using var reader = await from.Connection!.ExecuteReaderAsync($"SELECT {Columns} FROM \"{name}\"", transaction: from);
        while (await reader.ReadAsync(ct))
        {
            ct.ThrowIfCancellationRequested();
            await import.StartRowAsync(ct);
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = Checked(reader.GetValue(i), columns[i], digest.Rows + 1);
                RequireUtf8(reader, i, row[i], digest.Rows + 1);
                await (row[i] is { } value ? import.WriteAsync(value, columns[i].Kind, ct) : import.WriteNullAsync(ct));
            }

            digest.Add(row);
            if (Stopwatch.GetElapsedTime(reported) > Report)
            {
                await output.WriteLineAsync($"  {name}: {digest.Rows} rows so far");
                reported = Stopwatch.GetTimestamp();
            }
        }

        await import.CompleteAsync(ct);
        return digest;
    }

    /// <summary>What PostgreSQL holds.</summary>
    internal async Task<RowDigest> DigestAsync(NpgsqlConnection to, CancellationToken ct)
    {
        var digest = new RowDigest();
        var row = new object?[columns.Count];
        await using var reader = await to.ExecuteReaderAsync($"SELECT {Columns} FROM \"{name}\"");
        while (await reader.ReadAsync(ct))
        {
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = reader.GetValue(i) is var value && value is DBNull ? null : value;
            }

            digest.Add(row);
        }

        return digest;
    }

    /// <summary>The next number is above every one that the old store gave out, those of rows that are gone included: they may be in cursors.</summary>
    internal async Task SetIdentityAsync(SqliteTransaction from, NpgsqlConnection to)
    {
        if (columns.FirstOrDefault(column => column.Identity == "YES") is not { } identity)
        {
            return;
        }

        var last = await from.Connection!.ExecuteScalarAsync<long?>("SELECT seq FROM sqlite_sequence WHERE name = @name", new { name }, from) ?? 0;
        if (last > 0)
        {
            await to.ExecuteAsync("SELECT setval(pg_get_serial_sequence(quote_ident(@name), @column), @last)", new { name, column = identity.Name, last });
        }
    }

    private object? Checked(object value, MovedColumn column, long row) => (value, column.Kind) switch
    {
        (DBNull, _) => null,
        (long, NpgsqlDbType.Bigint) or (byte[], NpgsqlDbType.Bytea) => value,
        (string text, NpgsqlDbType.Text) when !text.Contains('\0', StringComparison.Ordinal) => value,
        (string, NpgsqlDbType.Text) => throw Odd("a text with the character U+0000, which PostgreSQL has no place for", column, row),
        _ => throw Odd($"a value of the type {value.GetType().Name}", column, row),
    };

    /// <summary>What is no UTF-8 is read as U+FFFD, and would be the same on both sides without being what was stored.</summary>
    private void RequireUtf8(DbDataReader reader, int column, object? value, long row)
    {
        if (value is string text && text.Contains('\uFFFD', StringComparison.Ordinal) && !Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(reader.GetFieldValue<byte[]>(column)))
        {
            throw Odd("a text that is not UTF-8", columns[column], row);
        }
    }

    private StartException Odd(string what, MovedColumn column, long row) => new(
        $"The old store holds {what} in column '{column.Name}' of table '{name}' (row {row} of SELECT *), where {column.Type} is expected. Nothing was moved; correct the row, and begin again.");
}

/// <summary>A column as PostgreSQL describes it.</summary>
internal sealed record MovedColumn
{
    public string Name { get; init; } = string.Empty;

    public string Type { get; init; } = string.Empty;

    public string Identity { get; init; } = string.Empty;

    internal NpgsqlDbType Kind => Type switch
    {
        "bigint" => NpgsqlDbType.Bigint,
        "text" => NpgsqlDbType.Text,
        "bytea" => NpgsqlDbType.Bytea,
        _ => throw new StartException($"The column '{Name}' is {Type} in PostgreSQL; a store has bigint, text and bytea only."),
    };
}
