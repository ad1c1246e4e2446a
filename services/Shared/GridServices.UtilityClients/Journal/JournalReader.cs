using System.Globalization;
using System.Text;
using System.Text.Unicode;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.UtilityClients.Engine;

namespace GridServices.UtilityClients.Journal;

/// <summary>Pages of the journal, for the API: with what is not on disk yet.</summary>
public sealed class JournalReader(WriteBehind writeBehind, JournalStore journal)
{
    private const int DefaultLimit = 50;
    private const int MostRows = 500;

    /// <summary>Newest first; <c>Next</c> is the <paramref name="before"/> of the following page, null at the end.</summary>
    /// <exception cref="ProblemException">A parameter is no whole number in its range.</exception>
    public async Task<(IReadOnlyList<TRow> Rows, string? Next)> ReadAsync<TRow>(EngineLoop engine, string? before, string? limit, CancellationToken ct)
        where TRow : JournalRow
    {
        ArgumentNullException.ThrowIfNull(engine);
        var from = Number(before, "before", long.MaxValue, long.MaxValue);
        var most = (int)Number(limit, "limit", DefaultLimit, MostRows);
        await writeBehind.WriteAsync(engine, ct);
        var rows = await journal.ReadAsync<TRow>(engine.Id, from, most, ct);
        return (rows, rows.Count == most ? rows[^1].Id?.ToString(CultureInfo.InvariantCulture) : null);
    }

    /// <summary>A body as text where its bytes are UTF-8, otherwise as base64.</summary>
    public static (string? Text, string? Base64) Show(byte[]? body) =>
        body is null ? (null, null)
        : Utf8.IsValid(body) ? (Encoding.UTF8.GetString(body), null)
        : (null, Convert.ToBase64String(body));

    private static long Number(string? text, string name, long otherwise, long most)
    {
        if (text is null)
        {
            return otherwise;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most
            ? number
            : throw new ProblemException(ErrorClass.CursorInvalid, $"{name} must be a whole number from 1 to {most}.", name);
    }
}
