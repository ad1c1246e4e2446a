using Npgsql;

namespace GridServices.EnvelopeHub.Tests.Nodes;

/// <summary>A table that nobody reads or writes until it is let go.</summary>
internal sealed class HeldTable : IAsyncDisposable
{
    private readonly NpgsqlConnection _db;

    private HeldTable(NpgsqlConnection db) => _db = db;

    public static async Task<HeldTable> HoldAsync(GridServices.Testing.TestStore place, string table)
    {
        var db = new NpgsqlConnection(place.Options.PostgreSql!);
        await db.OpenAsync();
        var held = new HeldTable(db);
        await held.RunAsync($"BEGIN; SET LOCAL search_path TO \"{place.Schema}\"; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
        return held;
    }

    /// <summary>Runs in the transaction that holds it.</summary>
    public async Task RunAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _db);
        await command.ExecuteNonQueryAsync();
    }

    public Task LetGoAsync() => RunAsync("COMMIT");

    public ValueTask DisposeAsync() => _db.DisposeAsync();
}
