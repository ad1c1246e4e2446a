using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Allocation;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Requests;

/// <summary>
/// Rows <c>start,end,kWh,evse,user</c>, further <c>id</c> and <c>paid</c>, in any order of columns. Stamps carry an offset or Z; a row without an end is a session under way. Without
/// <c>id</c> a session is known by its line.
/// </summary>
internal sealed class SessionCsvRows(ReadProblems problems, string pointer, Instant? asOf)
{
    /// <summary>Rows that are named before the rest is only counted.</summary>
    private const int MostNamed = 20;

    private static readonly string[] Names = ["start", "end", "kWh", "evse", "station", "user", "id", "paid"];
    private readonly TimestampFormat form = TimestampFormat.From(null);
    private int refused;

    public ImmutableArray<AllocatedSession> Read(CsvLines lines)
    {
        var head = lines.Next() ?? throw CsvLines.Refused(ErrorClass.SemanticEmpty, "the file is empty; the first line names the columns: start,end,kWh,evse,user", 1);
        var delimiter = head.Contains(';', StringComparison.Ordinal) ? ';' : head.Contains('\t', StringComparison.Ordinal) ? '\t' : ',';
        var columns = Columns(lines.Fields(head, delimiter));
        var read = ImmutableArray.CreateBuilder<AllocatedSession>();
        for (var line = lines.Next(); line is not null; line = lines.Next())
        {
            if (line.Trim().Length > 0 && Row(lines.Fields(line, delimiter), columns, lines.Number) is { } session)
            {
                read.Add(session);
            }

            if (read.Count > SessionRows.Most)
            {
                throw CsvLines.Refused(ErrorClass.LimitCount, $"more than {SessionRows.Most} sessions; give a month at a time", lines.Number);
            }
        }

        if (refused > MostNamed)
        {
            problems.Refuse(ErrorClass.Malformed, pointer, string.Create(CultureInfo.InvariantCulture, $"and {refused - MostNamed} more rows"));
        }

        return read.ToImmutable();
    }

    private Dictionary<string, int> Columns(List<string> head)
    {
        var columns = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < head.Count; i++)
        {
            if (!Names.Contains(head[i], StringComparer.OrdinalIgnoreCase))
            {
                problems.Warn(ErrorClass.SchemaInvalid, pointer, $"the column {SafeText.Quote(head[i])} is not read");
            }
            else if (!columns.TryAdd(head[i], i))
            {
                throw CsvLines.Refused(ErrorClass.DataConflict, $"two columns are named {SafeText.Quote(head[i])}", 1);
            }
        }

        columns[""] = head.Count;
        return columns.ContainsKey("start") && columns.ContainsKey("end") && columns.ContainsKey("kWh") && !(columns.ContainsKey("evse") && columns.ContainsKey("station"))
            ? columns
            : throw CsvLines.Refused(ErrorClass.SchemaInvalid, $"the first line names the columns start, end and kWh, further evse (or station), user, id and paid; here are {SafeText.Line(string.Join(", ", head))}", 1);
    }

    private AllocatedSession? Row(List<string> fields, Dictionary<string, int> columns, int line)
    {
        string? Field(string name) => columns.TryGetValue(name, out var at) && fields[at].Length > 0 ? fields[at] : null;
        if (fields.Count != columns[""])
        {
            return Refused(ErrorClass.Malformed, line, $"{fields.Count} fields, where the head names {columns[""]} columns");
        }

        var (start, end) = (ParseInstant(Field("start")), ParseInstant(Field("end")));
        if (start is null || (end is null && Field("end") is not null))
        {
            return Refused(ErrorClass.SemanticTime, line, $"'{SafeText.Short(start is null ? Field("start") ?? "" : Field("end")!)}' is no instant; write it with its offset, e.g. 2026-01-15T18:00:00+01:00");
        }

        var (kwh, paid) = (Number(Field("kWh")), Number(Field("paid")));
        if (kwh is null || (paid is null && Field("paid") is not null))
        {
            return Refused(ErrorClass.SemanticNumber, line, $"'{SafeText.Short(kwh is null ? Field("kWh") ?? "" : Field("paid")!)}' is no number; write 22.5");
        }

        var (session, kind, problem) = SessionRows.CreateSession(Field("id") ?? string.Create(CultureInfo.InvariantCulture, $"line {line}"), start.Value, end, kwh.Value, asOf);
        return session is null ? Refused(kind, line, problem!) : session with { User = Field("user"), Station = Field("evse") ?? Field("station"), Paid = paid };
    }

    private AllocatedSession? Refused(ErrorClass kind, int line, string detail)
    {
        if (++refused <= MostNamed)
        {
            problems.Refuse(kind, pointer, string.Create(CultureInfo.InvariantCulture, $"line {line}: {detail}"));
        }

        return null;
    }

    private Instant? ParseInstant(string? text) => text is null ? null : form.Parse(text).Exact;

    private static decimal? Number(string? text) => text is not null && ExactDecimal.TryParse(text, out var value) ? value : null;
}
