using System.Data.Common;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.Tariffs.Midas;

namespace GridServices.Tariffs.Service.Midas;

/// <summary>How fetching of signals goes, on disk.</summary>
internal static class MidasStore
{
    public static async Task<IReadOnlyList<MidasStatus>> AllAsync(DbConnection db) =>
        [.. (await db.QueryAsync<string>("SELECT content FROM midas_signals ORDER BY kind, name")).Select(c => JsonSerializer.Deserialize<MidasStatus>(c, ContractJson.Options)!)];

    public static Task SaveAsync(DbTransaction tx, MidasStatus status) => tx.Connection!.ExecuteAsync(
        "INSERT INTO midas_signals (kind, name, content) VALUES (@kind, @Name, @content) ON CONFLICT (kind, name) DO UPDATE SET content = excluded.content",
        new { kind = status.Signal.Kind.ToString(), status.Signal.Name, content = JsonSerializer.Serialize(status, ContractJson.Options) },
        tx);
}
