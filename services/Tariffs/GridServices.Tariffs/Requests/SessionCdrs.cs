using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Allocation;
using GridServices.Tariffs.Ocpi;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Requests;

/// <summary>
/// Sessions of OCPI 2.1.1, 2.2.1 and 2.3.0: CDRs by their charging periods, and Session objects, whose <c>kwh</c> are spread evenly. A Session without an end is under way until its
/// <c>last_updated</c>. <c>total_cost</c> without taxes is what was paid.
/// </summary>
internal sealed class SessionCdrs(ReadProblems problems, Instant? asOf, string currency, DateTimeZone zone)
{
    /// <summary>A CDR's periods and its total may differ by so much: both are rounded.</summary>
    private const decimal MostRounded = 0.0005m;

    private readonly List<(string Id, string Session, string Pointer)> named = [];
    private int before;

    private bool IsFaulty => problems.Count > before;

    public AllocatedSession? Read(JsonMember item)
    {
        // What is wrong with another CDR says nothing of this one.
        before = problems.Count;
        var id = item.Required("id", "what the CDR or Session is known by").Text();
        if (item.Member("credit")?.Flag() == true)
        {
            problems.Refuse(ErrorClass.SemanticCode, $"{item.Pointer}/credit", "a credit CDR takes a session back; leave it and the CDR that it credits out");
        }

        if (item.Member("currency") is { IsText: true } own && own.Text() != currency)
        {
            problems.Refuse(ErrorClass.Unit, own.Pointer, $"it was paid in {SafeText.Short(own.Text())}, the site's bill is in {currency}; a margin is of one currency");
        }

        if (item.Member("session_id") is { IsText: true } of)
        {
            named.Add((id, of.Text(), of.Pointer));
        }

        var session = IsFaulty ? null : item.Member("kwh") is { } kwh && item.Member("total_energy") is null ? UnderWay(item, id, kwh) : Ended(item, id);
        return session is null ? null : session with { User = ReadUser(item), Station = ReadStation(item), Paid = CdrStatement.Read(item).TotalCost?.BeforeTaxes };
    }

    /// <summary>Energy given as a Session and as its CDR would be shared twice.</summary>
    public void RefuseDuplicates(IEnumerable<AllocatedSession> sessions)
    {
        var ids = named.Count == 0 ? [] : sessions.Select(s => s.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var (id, session, pointer) in named.Where(n => n.Session != n.Id && ids.Contains(n.Session)))
        {
            problems.Refuse(ErrorClass.DataConflict, pointer, $"the CDR '{SafeText.Short(id)}' and the session '{SafeText.Short(session)}' are one and the same; leave one of them out, or its energy is shared twice");
        }
    }

    /// <summary>A Session object: what it has drawn so far, or in all where it has ended.</summary>
    private AllocatedSession? UnderWay(JsonMember item, string id, JsonMember kwh)
    {
        var start = (item.Member("start_datetime") ?? item.Required("start_date_time", "when it began")).Instant();
        var end = (item.Member("end_date_time") ?? item.Member("end_datetime"))?.Instant();
        var until = item.Member("last_updated")?.Instant() ?? asOf;
        return IsFaulty ? null : Unwrap(SessionRows.CreateSession(id, start, end, kwh.Number(), end is null ? until : null), item);
    }

    private AllocatedSession? Ended(JsonMember item, string id)
    {
        if (new OcpiCdrReader(problems, zone).Session(item) is not { } cdr || IsFaulty)
        {
            return null;
        }

        // A period of no length, or of less than can be told apart, has energy at no time.
        var timed = cdr.Periods.Where(p => p.End - p.Start >= SessionRows.Shortest).ToArray();
        var parts = timed.Where(p => p.Energy > 0).Select(p => new SessionStretch(p.Start, p.End, p.Energy)).ToImmutableArray();
        var total = item.Member("total_energy")?.Number() ?? cdr.Periods.Sum(p => p.Energy);
        var end = (item.Member("end_date_time") ?? item.Member("stop_date_time"))!.Instant();
        if (total == 0 && parts.IsEmpty && end - cdr.Start < SessionRows.Shortest)
        {
            problems.Warn(ErrorClass.SemanticEmpty, item.Pointer, $"'{SafeText.Short(id)}' has neither energy nor time, and is left out");
            return null;
        }

        if (parts.IsEmpty || parts.Sum(p => p.Kwh) != cdr.Periods.Sum(p => p.Energy))
        {
            if (total > 0)
            {
                problems.Warn(ErrorClass.SemanticTime, item.Pointer, $"'{SafeText.Short(id)}': its charging periods do not say when its energy flowed; total_energy is spread evenly from start to end");
            }

            return Unwrap(SessionRows.CreateSession(id, cdr.Start, end, total, null), item);
        }

        var shared = parts.Sum(p => p.Kwh);
        if (Math.Abs(total - shared) > MostRounded)
        {
            problems.Warn(ErrorClass.DataConflict, item.Pointer, string.Create(
                CultureInfo.InvariantCulture, $"'{SafeText.Short(id)}': its charging periods hold {shared:0.####} kWh, its total_energy is {total:0.####} kWh; the periods' energy is shared, and what was paid may be for the other"));
        }

        return Unwrap(SessionRows.CreateSession(id, cdr.Start, parts[^1].Until, shared, null), item) is { } whole ? whole with { Parts = parts } : null;
    }

    private AllocatedSession? Unwrap((AllocatedSession? Session, ErrorClass Class, string? Problem) read, JsonMember item)
    {
        if (read.Session is null)
        {
            problems.Refuse(read.Class, item.Pointer, read.Problem!);
        }

        return read.Session;
    }

    private static string? ReadUser(JsonMember item) =>
        Text(item.Member("cdr_token")?.Member("contract_id")) ?? Text(item.Member("cdr_token")?.Member("uid")) ?? Text(item.Member("auth_id"));

    private static string? ReadStation(JsonMember item) =>
        Text(item.Member("cdr_location")?.Member("evse_uid")) ?? Text(item.Member("evse_uid"))
        ?? Text(item.Member("location")?.Member("evses") is { IsArray: true } evses ? evses.Items().FirstOrDefault()?.Member("uid") : null)
        ?? Text((item.Member("cdr_location") ?? item.Member("location"))?.Member("id")) ?? Text(item.Member("location_id"));

    private static string? Text(JsonMember? member) => member is { IsText: true } ? member.Text() : null;
}
