using System.Text.Json;
using GridServices.Contracts;
using GridServices.Operations.Bulk;
using GridServices.Operations.Money;
using NodaTime;

namespace GridServices.Operations.Service.Money;

/// <summary>Reads charging sessions from what was handed in: OCPI charge detail records as JSON, or CSV.</summary>
internal static class SessionFiles
{
    internal const int MostBytes = 50 * 1024 * 1024;

    /// <summary>JSON where the text begins like it: an array of records, or an OCPI answer with them in <c>data</c>.</summary>
    internal static SessionFile Read(string text, DateTimeZone zone)
    {
        if (text.AsSpan().TrimStart("\uFEFF \t\r\n") is [not ('[' or '{'), ..] or [])
        {
            using var reader = new StringReader(text);
            var rows = SessionCsv.Read(reader, zone, out var head);
            return head.Any(f => !f.IsWarning) ? new SessionFile([], 0, head, []) : CreateFile(rows, head);
        }

        try
        {
            using var json = JsonDocument.Parse(text.TrimStart('\uFEFF'), new JsonDocumentOptions { MaxDepth = ContractJson.MaxDepth, AllowDuplicateProperties = false });
            return FindRecords(json.RootElement) is { } records
                ? CreateFile(OcpiSessions.Read(records), [])
                : new SessionFile([], 0, [new BulkFault(1, string.Empty, string.Empty, "is no list of charge detail records: an array, or an OCPI answer with data")], []);
        }
        catch (JsonException wrong)
        {
            return new SessionFile([], 0, [new BulkFault((int)(wrong.LineNumber ?? 0) + 1, string.Empty, string.Empty, $"is not well-formed JSON: {SafeText.Line(wrong.Message)}")], []);
        }
    }

    private static JsonElement.ArrayEnumerator? FindRecords(JsonElement root) => root.ValueKind == JsonValueKind.Array ? root.EnumerateArray()
        : root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Array ? data.EnumerateArray()
        : null;

    private static SessionFile CreateFile(IEnumerable<SessionRow> rows, IEnumerable<BulkFault> told)
    {
        var (sessions, refused, warnings, count) = (new List<ChargingSession>(), new List<BulkFault>(), told.ToList(), 0);
        foreach (var row in rows)
        {
            count++;
            if (row.Session is { } session)
            {
                sessions.Add(session);
                warnings.AddRange(row.Faults);
            }
            else
            {
                refused.AddRange(row.Faults.Where(f => !f.IsWarning));
            }
        }

        return new SessionFile(sessions, count, refused, warnings);
    }
}
